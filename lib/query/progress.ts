// The progress of one micro-batch, in the names and the order of Spark's StreamingQueryProgress, with what Lambda and
// dead letters add at the end. One per invocation.

import type { KafkaRow } from '../event/kafka-row.ts'

/** Offsets by topic and partition, as Spark writes them: `{"stock-ticks":{"0":15}}`. */
export type OffsetsByTopic = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface SourceProgress {
  readonly description: string
  /** The first offset of the batch in each partition; null where the source is not Kafka. */
  readonly startOffset: OffsetsByTopic | null
  /** One past the last. */
  readonly endOffset: OffsetsByTopic | null
  readonly numInputRows: number
}

export interface SinkProgress {
  readonly description: string
  readonly numOutputRows: number
}

export interface StreamingQueryProgress {
  readonly name: string
  /** When the batch began, ISO 8601. */
  readonly timestamp: string
  readonly batchId: number
  /** Records delivered, good and bad. */
  readonly numInputRows: number
  readonly processedRowsPerSecond: number
  /** Milliseconds by stage; `triggerExecution` is the whole batch. */
  readonly durationMs: Readonly<Record<string, number>>
  readonly sources: readonly SourceProgress[]
  readonly sink: SinkProgress
  /** Bad records set aside in this batch. */
  readonly numDeadLetters: number
  /** Bad records dropped under the policy `drop`. */
  readonly numDroppedMalformed: number
}

/**
 * The offsets that a batch covers.
 * @example offsetRange(rows) // { startOffset: { ticks: { 0: 15 } }, endOffset: { ticks: { 0: 18 } } }
 */
export function offsetRange(records: readonly KafkaRow[]): { startOffset: OffsetsByTopic; endOffset: OffsetsByTopic } {
  const ranges = new Map<string, Map<string, { first: number; end: number }>>()
  for (const { topic, partition, offset } of records) {
    const partitions = ranges.get(topic) ?? new Map<string, { first: number; end: number }>()
    ranges.set(topic, partitions)
    const range = partitions.get(String(partition))
    if (range === undefined) partitions.set(String(partition), { first: offset, end: offset + 1 })
    else range.end = offset + 1
  }
  const pick = (key: 'first' | 'end'): OffsetsByTopic =>
    Object.fromEntries(
      Array.from(ranges, ([topic, partitions]) => [
        topic,
        Object.fromEntries(Array.from(partitions, ([partition, range]) => [partition, range[key]])),
      ]),
    )
  return { startOffset: pick('first'), endOffset: pick('end') }
}
