// The watermark of a query as the state protocol takes it, and the one thing it needs from the deployment: how many
// partitions the topics have, since one that has delivered nothing yet may still have old rows.

import { MicrobatchError } from '../../error.ts'
import { topicPartition } from '../../event/kafka-row.ts'
import type { OneWatermark, WatermarkSpec } from '../../state/protocol/stateful-query.ts'
import type { Plan, WatermarkStep } from '../plan/plan.ts'
import { ownTopics, topicsOf, watermarksOf } from '../plan/sources.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { countOf, type PartitionCounts } from './partition-counts.ts'

/**
 * Null where no group ever ends: without a watermark, or with one on another column than rows are grouped by.
 * @throws MicrobatchError CONFIG_INVALID where policy `min` is not given the partition count
 */
export function watermarkSpec(query: StreamingQuery, partitions: PartitionCounts | null): WatermarkSpec | null {
  const { plan, multipleWatermarkPolicy } = query
  const watermarks = watermarksOf(plan)
  if (watermarks.length === 0 || (plan.aggregation?.finalBy == null && plan.stages.length === 0)) return null
  const specs = watermarks.map((watermark) => {
    const topics = topicsUnder(plan, watermark)
    return { ...specOf(query, watermark, topics, partitions), topics }
  })
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
  { name, watermarkPolicy, idleTimeoutMs }: StreamingQuery,
  { delayMs }: WatermarkStep,
  topics: readonly string[],
  partitions: PartitionCounts | null,
): OneWatermark {
  if (watermarkPolicy === 'max') return { policy: 'max', delayMs }
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
