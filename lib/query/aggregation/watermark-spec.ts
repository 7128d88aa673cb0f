// The watermark of a query as the state protocol takes it, and the one thing it needs from the deployment: how many
// partitions the topics have, since one that has delivered nothing yet may still have old rows.

import { MicrobatchError } from '../../error.ts'
import { topicPartition } from '../../event/kafka-row.ts'
import type { OneWatermark, WatermarkSpec } from '../../state/protocol/operators/stateful-query.ts'
import type { Plan, WatermarkStep } from '../plan/plan.ts'
import { ownTopics, topicsOf, watermarksOf } from '../plan/sources.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { countOf, type PartitionCounts } from './partition-counts.ts'

/**
 * Null without a watermark. Where it ends nothing, as rows are grouped by another column, it is progress alone that shows it.
 * @throws MicrobatchError CONFIG_INVALID where policy `min` is not given the partition count
 */
export const watermarkSpec = (query: StreamingQuery, partitions: PartitionCounts | null): WatermarkSpec | null =>
  combined(query, (watermark, topics) => specOf(query, watermark, topics, partitions))

/** The same where nothing waits for it: it follows the partitions that have been seen. */
export const seenWatermarkSpec = (query: StreamingQuery): WatermarkSpec | null =>
  combined(query, ({ delayMs }) =>
    query.watermarkPolicy === 'max' ? { policy: 'max', delayMs } : { policy: 'min', delayMs, partitions: [] },
  )

/** @param specOfOne the rule of one watermark over its topics */
function combined(
  { plan, multipleWatermarkPolicy }: StreamingQuery,
  specOfOne: (watermark: WatermarkStep, topics: readonly string[]) => OneWatermark,
): WatermarkSpec | null {
  const specs = watermarksOf(plan).map((watermark) => {
    const topics = topicsUnder(plan, watermark)
    return { ...specOfOne(watermark, topics), topics }
  })
  if (specs.length === 0) return null
  const [only] = specs
  // Where one watermark is that of all rows, nobody needs to ask which partitions it is of.
  if (only !== undefined && specs.length === 1 && only.topics.length === topicsOf(plan).length) {
    const { topics: _, ...spec } = only
    return spec
  }
  return { policy: 'several', combined: multipleWatermarkPolicy, watermarks: specs }
}

/** The topics of the sources that a watermark was defined for. */
const topicsUnder = (plan: Plan, { definition }: WatermarkStep): readonly string[] =>
  [plan, ...plan.others].filter(({ watermark }) => watermark?.definition === definition).flatMap(ownTopics)

function specOf(
  { name, plan, watermarkPolicy, idleTimeoutMs }: StreamingQuery,
  { delayMs }: WatermarkStep,
  topics: readonly string[],
  partitions: PartitionCounts | null,
): OneWatermark {
  if (watermarkPolicy === 'max') return { policy: 'max', delayMs }
  const endsNothing = plan.aggregation?.finalBy == null && plan.stages.length === 0
  if (partitions === null && endsNothing) return { policy: 'min', delayMs, partitions: [] }
  if (
    partitions === null ||
    (typeof partitions === 'number' && (!Number.isSafeInteger(partitions) || partitions < 1))
  ) {
    throw new MicrobatchError(
      'CONFIG_INVALID',
      `${name}: the watermark policy "min" needs the number of partitions of the topic, from 1 up. Give it as ` +
        '`partitions`, or choose watermarkPolicy: "max", where a slow partition\'s rows may be late.',
    )
  }
  const names = topics.flatMap((topic) =>
    Array.from({ length: countOf(partitions, topic) }, (_, partition) => topicPartition({ topic, partition })),
  )
  return { policy: 'min', delayMs, partitions: names, ...(idleTimeoutMs === null ? {} : { idleTimeoutMs }) }
}
