// A range of a topic as the batches that a function's mapping would have made of it, had it kept up: by its settings, through its
// filter, over the records' own clock. Kafka is read beside everybody else, and nothing is committed.
import type { EventOrigin } from 'microbatch'
import { eventOf } from 'serverless-offline-kafka-mapping/internal/batch/event-payload'
import { compileFilters } from 'serverless-offline-kafka-mapping/internal/filter/filters'
import type { MappingSettings } from 'serverless-offline-kafka-mapping/internal/settings/settings'
import { describeRanges, type OffsetRange } from '../kafka/offset-range.ts'
import type { TopicReader } from '../kafka/topic-reader.ts'
import { type BatchCutter, batchCutter, type CutBatch } from './batch-cutter.ts'
import { mergedRecords } from './merged-records.ts'
import { placesOf, type ReplayedBatch, type ReplaySource } from './replayed-batch.ts'

export interface TopicBatchesOptions {
  readonly reader: Pick<TopicReader, 'read'>
  readonly ranges: readonly OffsetRange[]
  /** The mapping of the function. */
  readonly settings: MappingSettings
  /** In place of the mapping's own. */
  readonly cut?: { readonly maxRecords: number; readonly windowMs: number } | undefined
  readonly brokers: readonly string[]
}

/**
 * @throws LocalError KAFKA_UNAVAILABLE while it is read
 * @example topicBatches({ reader, ranges, settings, brokers: ['localhost:9092'] }).batches()
 */
export function topicBatches({ reader, ranges, settings, cut, brokers }: TopicBatchesOptions): ReplaySource {
  const { topic, functionKey, filterPatterns, batchSize, windowMs, clusterArn } = settings
  const bootstrapServers = brokers.join(',')
  const origin: EventOrigin =
    clusterArn === undefined
      ? { eventSource: 'SelfManagedKafka', bootstrapServers }
      : { eventSource: 'aws:kafka', eventSourceArn: clusterArn, bootstrapServers }
  const size = cut ?? { maxRecords: batchSize, windowMs }
  const filter = filterPatterns.length === 0 ? undefined : compileFilters(filterPatterns, functionKey)
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
  const nextOffsets = new Map(ranges.map(({ partition, from }) => [partition, from]))
  const numRead = () =>
    ranges.reduce((sum, { partition, from }) => sum + (nextOffsets.get(partition) ?? from) - from, 0)

  async function* batches(): AsyncGenerator<ReplayedBatch> {
    const cutter: BatchCutter = batchCutter({ topic, origin, ...size })
    for await (const { partition, rows, arrivedAtMs } of mergedRecords(reader, ranges)) {
      nextOffsets.set(partition, (rows.at(-1)?.offset ?? 0) + 1)
      for (const row of rows) {
        if (filter?.matches(row.value) === false) continue
        for (const batch of cutter.add(row, arrivedAtMs)) yield batchOf(batch)
      }
    }
    for (const batch of cutter.end()) yield batchOf(batch)
  }

  function batchOf({ rows, reason, closedAtMs }: CutBatch): ReplayedBatch {
    const event = eventOf(origin, rows)
    return { functionKey, atMs: closedAtMs, reason, where: placesOf(event), event }
  }

  return {
    name: `${topic} ${describeRanges(ranges)}`,
    batches,
    fraction: () => numRead() / total,
  }
}
