// Records cut into batches as the mapping cuts them, by its own batcher, over a clock that the records bring with them: what arrived
// when is what their timestamps say. The same records give the same batches. Pure.
import type { EventOrigin, KafkaRow } from 'microbatch'
import { type Batch, createBatcher } from 'serverless-offline-kafka-mapping/internal/batch/batcher'
import { envelopeBytes, partitionBytes, recordSize } from 'serverless-offline-kafka-mapping/internal/batch/payload-size'
import { maxPayloadBytes } from 'serverless-offline-kafka-mapping/internal/settings/limits'

export interface CutBatch {
  readonly rows: readonly KafkaRow[]
  readonly reason: 'size' | 'window' | 'payload'
  /** When it closed, epoch milliseconds. */
  readonly closedAtMs: number
}

export interface BatchCutter {
  /** A record that arrived, not before the one that was added last; the batches that close by then. */
  add(row: KafkaRow, arrivedAtMs: number): readonly CutBatch[]
  /** What still waits: its windows end. */
  end(): readonly CutBatch[]
  /** Records that no event can hold. */
  readonly numTooLarge: number
}

export interface CutterOptions {
  readonly topic: string
  readonly origin: EventOrigin
  readonly maxRecords: number
  readonly windowMs: number
}

/** @example for (const { rows } of cutter.add(row, row.timestamp)) … */
export function batchCutter({ topic, origin, maxRecords, windowMs }: CutterOptions): BatchCutter {
  const batcher = createBatcher<KafkaRow>(
    { maxRecords, windowMs, maxPayloadBytes, envelopeBytes: envelopeBytes(origin) },
    { recordBytes: recordSize(topic), partitionBytes: (partition) => partitionBytes({ topic, partition }) },
  )
  let numTooLarge = 0

  function close(closedAtMs: number, cuts: CutBatch[]): void {
    for (let batch = next(closedAtMs); batch !== undefined; batch = next(closedAtMs)) {
      cuts.push({ rows: batch.records, reason: batch.reason, closedAtMs })
    }
  }

  /** None is in flight for long: batches are delivered one after the other. */
  function next(nowMs: number): Batch<KafkaRow> | undefined {
    const batch = batcher.next(nowMs)
    if (batch !== undefined) batcher.release(batch.partitions)
    return batch
  }

  function endWindows(nowMs: number, cuts: CutBatch[]): void {
    for (let due = batcher.dueAtMs(); due !== undefined && due <= nowMs; due = batcher.dueAtMs()) close(due, cuts)
  }

  return {
    add(row, arrivedAtMs) {
      const cuts: CutBatch[] = []
      endWindows(arrivedAtMs, cuts)
      numTooLarge += batcher.add(row.partition, [row], arrivedAtMs).length
      close(arrivedAtMs, cuts)
      return cuts
    },
    end() {
      const cuts: CutBatch[] = []
      endWindows(Number.POSITIVE_INFINITY, cuts)
      return cuts
    },
    get numTooLarge() {
      return numTooLarge
    },
  }
}
