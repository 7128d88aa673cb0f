// The kafkajs clients of one mapping and how they are set: what they may dial, how long they wait, what of their talk is
// heard, and how their messages become rows.

import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Batch, Consumer, logCreator, TopicPartitionOffset } from 'kafkajs'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { LocalError } from '../error.ts'
import { type AllowedHosts, guardedSocketFactory, isNameUnknown } from '../safety.ts'
import type { KafkaSecurity } from '../settings/kafka-security.ts'
import { partitionAssigners } from './assigners.ts'
import { FetchedBatch } from './fetch/fetched-batch.ts'
import { Kafka, logLevel } from './kafkajs.ts'

export interface KafkaClientsOptions {
  readonly brokers: readonly string[]
  readonly consumerGroupId: string
  readonly allowed: AllowedHosts
  /** Left out: plaintext, no credentials. */
  readonly security?: KafkaSecurity | undefined
  /** kafkajs's own talk, line by line. */
  readonly debug: (text: string) => void
  readonly sessionTimeoutMs?: number
  /** A connection could not be made, or was lost. */
  readonly unreachable: () => void
  /** A broker is at an address, or advertises one, that is not to be dialled. */
  readonly refused: (error: LocalError) => void
}

/**
 * kafkajs's own tries are few: what outlasts them is waited for by its caller. All five are given, since kafkajs has other
 * defaults where NODE_ENV is `test`.
 */
const retry = { initialRetryTime: 200, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 4 }

const membership = {
  allowAutoTopicCreation: false,
  // A fetch waits this long for a first record: how long a disconnect can take, against four empty requests a second.
  maxWaitTimeInMs: 250,
  // Short, so that a killed member's partitions are assigned anew before half a minute is over.
  sessionTimeout: 10_000,
  heartbeatInterval: 2_000,
  rebalanceTimeout: 30_000,
  // How long an added partition stays unseen; AWS looks every minute.
  metadataMaxAge: 5_000,
}

/**
 * What every client of the mapping is made with: where, as whom, how long it tries, and that nothing is dialled that was not allowed.
 * @example new Kafka({ clientId, ...connectionOf({ brokers: ['localhost:9092'], allowed: noRemoteHosts }, () => {}) })
 */
export const connectionOf = (
  { brokers, allowed, security }: Pick<KafkaClientsOptions, 'brokers' | 'allowed' | 'security'>,
  refused: KafkaClientsOptions['refused'],
) => ({
  brokers: [...brokers],
  ...security,
  connectionTimeout: 3_000,
  retry,
  socketFactory: guardedSocketFactory(allowed, refused),
})

/** @example const { admin, reader } = kafkaClients(options); await admin.connect() */
export function kafkaClients(options: KafkaClientsOptions): { readonly admin: Admin; readonly reader: Consumer } {
  const client = new Kafka({
    clientId: 'microbatch-mapping',
    ...connectionOf(options, options.refused),
    logLevel: logLevel.WARN,
    logCreator: fewLines(options.debug, options.unreachable),
  })
  return {
    admin: client.admin(),
    // kafkajs restarts after some failures and not after others; here it never does, and the caller always makes new clients.
    reader: client.consumer({
      groupId: options.consumerGroupId,
      partitionAssigners: [...partitionAssigners],
      ...membership,
      ...(options.sessionTimeoutMs === undefined ? {} : { sessionTimeout: options.sessionTimeoutMs }),
      retry: { ...retry, restartOnFailure: async () => false },
    }),
  }
}

/** The records of a batch, which are rows already: the batch is our own FetchedBatch. */
export function rowsOf(batch: Batch): readonly KafkaRow[] {
  if (!(batch instanceof FetchedBatch)) throw new TypeError('a batch that kafkajs made itself')
  return batch.messages
}

/** kafkajs resolves, and commits nothing, where its consumer has crashed and was not replaced yet. Its event tells the two apart. */
export async function commitOrThrow(consumer: Consumer, offsets: TopicPartitionOffset[]): Promise<void> {
  let isTaken = false
  const stopListening = consumer.on(consumer.events.COMMIT_OFFSETS, () => {
    isTaken = true
  })
  await consumer.commitOffsets(offsets).finally(stopListening)
  if (!isTaken) throw new Error('the consumer does not run')
}

/** Disconnects clients, for so long at most. Whether their leaving reached the broker changes nothing. */
export async function leave(clients: ReadonlyArray<Admin | Consumer>, ms: number): Promise<void> {
  const limit = new AbortController()
  await Promise.race([
    Promise.all(clients.map((client) => client.disconnect())).catch(() => undefined),
    delay(ms, undefined, { signal: limit.signal }).catch(() => undefined),
  ])
  limit.abort()
}

/** kafkajs says the same thing in many lines; here a lost connection becomes one status, the rest is for --debug. */
function fewLines(debug: (text: string) => void, unreachable: () => void): logCreator {
  return () => (entry) => {
    if (
      entry.namespace === 'Connection' &&
      entry.level === logLevel.ERROR &&
      /^Connection (error|timeout)/.test(entry.log.message) &&
      // That a name has no address is said by itself.
      !isNameUnknown(new Error(entry.log.message))
    )
      unreachable()
    debug(`kafkajs ${entry.namespace}: ${entry.log.message}`)
  }
}

const causesOf = (error: unknown): unknown[] =>
  error instanceof Error && error.cause !== undefined ? [error, ...causesOf(error.cause)] : [error]

/** Whether a broker is unreachable. One that answers, and is refused for its certificate, is worth its own words. */
export const isConnectionTrouble = (error: unknown): boolean => {
  const causes = causesOf(error).filter((cause) => cause instanceof Error)
  return (
    causes.some(({ name }) => /^KafkaJSConnection/.test(name)) &&
    !causes.some(({ message }) => /certificate|\bssl\b|\btls\b/i.test(message))
  )
}
