// A mapping in memory, on fake or real timers: its source, function, destination and log are the test's.

import { vi } from 'vitest'
import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import { type Discarded, failureRecord } from '../../mapping/destination/failure-record.ts'
import { onMappingEvent } from '../../mapping/events/channel.ts'
import { Mapping, type MappingOptions } from '../../mapping/mapping.ts'
import type { MappingSettings } from '../../mapping/settings/settings.ts'
import { eventsInto, type MemoryInvoker, memoryInvoker, memoryLog, offsetsOf, someSettings } from './builders.ts'
import { memorySource } from './memory-source.ts'

export function memoryDestination() {
  const discarded: Discarded[] = []
  let error: Error | undefined
  return {
    discarded,
    /** `condition partition:offset,…` of each. */
    said: () =>
      discarded.map(
        ({ condition, rows }) => `${condition} ${rows.map(({ partition, offset }) => `${partition}:${offset}`).join()}`,
      ),
    records: () => discarded.map(failureRecord),
    fail: (reason: Error) => {
      error = reason
    },
    destination: {
      name: 'the test',
      send: async (given: Discarded) => {
        if (error !== undefined) throw error
        discarded.push(given)
      },
      close: async () => undefined,
    },
  }
}

export function aMapping(
  settings: Partial<MappingSettings>,
  handler: Parameters<typeof memoryInvoker>[0],
  more: Partial<MappingOptions> = {},
) {
  const source = memorySource()
  const log = memoryLog()
  const invoker: MemoryInvoker = memoryInvoker(handler)
  const recorded: KafkaEvent[] = []
  const given = someSettings({ windowMs: 0, batchSize: 100, ...settings })
  const events = eventsInto(log, given)
  onMappingEvent((event) => {
    if (event.kind === 'handled') recorded.push(event.payload.event)
  }, events.mapping)
  const mapping = new Mapping({
    settings: given,
    origin: { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
    functionName: 'demo-dev-bars',
    functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
    source,
    invoker,
    events,
    filter: undefined,
    destination: undefined,
    nowMs: () => performance.now(),
    epochMs: () => Date.now(),
    random: () => 0,
    ...more,
  })
  mapping.start()
  return {
    mapping,
    source,
    log,
    recorded,
    events: invoker.events,
    peakInFlight: invoker.peakInFlight,
    /** The offsets of each invocation of partition 0. */
    offsets: () => invoker.events.map((event) => offsetsOf(event)['stock-ticks-0'] ?? []),
  }
}

/** Lets everything happen that is due within so many milliseconds, by fake timers. */
export const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
