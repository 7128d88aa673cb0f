// One consumer over the ranges of a topic, until they are read, or it fails. It assigns itself where to read, and commits nothing.
import type { Consumer } from 'kafkajs'
import type { KafkaRow } from 'microbatch'
import { rowsOf } from 'serverless-offline-kafka-mapping/internal/source/kafka-clients'
import type { RangeProgress } from './range-progress.ts'

/** Takes records; the next come when it has resolved. */
export type OnRecords = (records: readonly KafkaRow[], flow: Flow) => unknown

/** Holds back a partition of which enough was read, while the others are read on. */
export interface Flow {
  pause(partition: number): void
  resume(partition: number): void
}

export const stalled = new Error('stalled')

/** A transaction that is still open holds back what follows it; nothing else makes a range end so late. */
export const stallTimeoutMs = 30_000

export interface Reading {
  readonly reader: Consumer
  readonly topic: string
  readonly progress: RangeProgress
  readonly onRecords: OnRecords
  /** The records are there already, and are waited for only so long. */
  readonly isBounded: boolean
  /** Told of each partition whose range is read to its end. */
  readonly onEnd?: (partition: number) => void
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

/** @throws `stalled`; kafkajs's errors; what `onRecords` throws */
export async function readThrough(reading: Reading): Promise<void> {
  const { reader, topic, progress, onRecords, isBounded, signal, onEnd = () => undefined } = reading
  const finished = Promise.withResolvers<void>()
  const paused = new Set<number>()
  const end = () => finished.resolve()
  signal?.addEventListener('abort', end, { once: true })
  const stall = setTimeout(() => {
    // what is held back by who reads is not missing
    if (isBounded && progress.open.some(({ partition }) => !paused.has(partition))) finished.reject(stalled)
  }, stallTimeoutMs)
  const advance = (partition: number, next: number) => {
    if (progress.advance(partition, next)) {
      stall.refresh()
      if (!progress.open.some((open) => open.partition === partition)) onEnd(partition)
    }
    if (progress.isDone) finished.resolve()
  }
  const flow: Flow = {
    pause(partition) {
      paused.add(partition)
      reader.pause([{ topic, partitions: [partition] }])
    },
    resume(partition) {
      paused.delete(partition)
      stall.refresh()
      reader.resume([{ topic, partitions: [partition] }])
    },
  }
  reader.on(reader.events.CRASH, ({ payload }) => finished.reject(payload.error))
  // Where to read is known before the first fetch; a joining may come again, after a connection that was lost.
  reader.on(reader.events.GROUP_JOIN, () => {
    for (const { partition, next } of progress.open) reader.seek({ topic, partition, offset: String(next) })
  })
  // A fetch in which Kafka's own filtering left nothing (aborted transactions, control records) ends without eachBatch.
  reader.on(reader.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) advance(payload.partition, Number(payload.lastOffset) + 1)
  })
  try {
    await reader.connect()
    // From the beginning: whatever is fetched before the seek lies below the range, and is passed over.
    await reader.subscribe({ topic, fromBeginning: true })
    await reader.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        try {
          const records = rowsOf(batch).filter((row) => progress.wants(row.partition, row.offset))
          if (records.length > 0 && signal?.aborted !== true) await onRecords(records, flow)
          advance(batch.partition, Number(batch.lastOffset()) + 1)
        } catch (error) {
          finished.reject(error) // kafkajs would deliver the batch again
        }
      },
    })
    await finished.promise
  } finally {
    clearTimeout(stall)
    signal?.removeEventListener('abort', end)
    finished.promise.catch(() => undefined) // the reason is thrown already
  }
}
