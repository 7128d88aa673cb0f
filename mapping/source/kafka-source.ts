// The RecordSource over kafkajs: one membership of the mapping's group after the other, since kafkajs gives up after some failures
// and a mapping never does. What outlasts a membership is here: which partitions were assigned, and which are paused.

import { Closing } from './end-of-source.ts'
import { Membership } from './membership.ts'
import type { KafkaSourceOptions, SharedBetweenMemberships } from './membership-options.ts'
import { positionLookup } from './position-lookup.ts'
import { readStatus } from './read-status.ts'
import type { RecordSource, SourceListener } from './record-source.ts'

const restartDelayMs = 1_000

/** @example const source = kafkaSource({ brokers: ['localhost:9092'], topic: 'stock-ticks', consumerGroupId: 'demo', … }) */
export function kafkaSource(options: KafkaSourceOptions): RecordSource {
  const closing = new Closing()
  const status = readStatus(options.brokers, options.events)
  const paused = new Set<number>()
  const shared: SharedBetweenMemberships = {
    ...{ closing, status, paused },
    positions: positionLookup(options),
    assigned: [],
    areOthersTold: false,
  }
  let membership: Membership | undefined
  let running: Promise<void> = Promise.resolve()

  async function read(listener: SourceListener): Promise<void> {
    while (!closing.hasBegun) {
      membership = new Membership(options, shared, listener)
      try {
        await membership.run()
      } catch (error) {
        if (!closing.hasBegun) status.failed('records', error)
      }
      await closing.sleep(restartDelayMs)
    }
  }

  const current = (): Membership => {
    if (membership?.isReading) return membership
    throw new Error(`Kafka at ${options.brokers.join()} is unreachable`)
  }

  return {
    start: (listener) => {
      running = read(listener)
    },
    pause: (partition) => {
      paused.add(partition)
      membership?.pause(partition)
    },
    resume: (partition) => {
      paused.delete(partition)
      membership?.resume(partition)
    },
    commit: async (offsets) => current().commit(offsets),
    logStarts: async () => current().logStarts(),
    rejoin: () => membership?.leave(),
    close: async () => {
      closing.begin()
      await running
    },
  }
}
