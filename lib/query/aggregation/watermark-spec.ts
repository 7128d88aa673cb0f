// The watermark of a query as the state protocol takes it, and the one thing it needs from the deployment: how many
// partitions the topic has, since one that has delivered nothing yet may still have old rows.

import { MicrobatchError } from '../../error.ts'
import { topicPartition } from '../../event/kafka-row.ts'
import type { WatermarkSpec } from '../../state/protocol/stateful-query.ts'
import { topicsOf } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { countOf, type PartitionCounts } from './partition-counts.ts'

/**
 * Null without a watermark. Where it ends nothing, as rows are grouped by another column, it is progress alone that shows it.
 * @throws MicrobatchError CONFIG_INVALID where policy `min` is not given the partition count
 */
export function watermarkSpec(query: StreamingQuery, partitions: PartitionCounts | null): WatermarkSpec | null {
  const { plan, watermarkPolicy, idleTimeoutMs } = query
  if (plan.watermark === null) return null
  const endsNothing = plan.aggregation?.finalBy == null && plan.stages.length === 0
  const { delayMs } = plan.watermark
  if (watermarkPolicy === 'max') return { policy: 'max', delayMs }
  if (partitions === null && endsNothing) return { policy: 'min', delayMs, partitions: [] }
  if (
    partitions === null ||
    (typeof partitions === 'number' && (!Number.isSafeInteger(partitions) || partitions < 1))
  ) {
    throw new MicrobatchError(
      'CONFIG_INVALID',
      `${query.name}: the watermark policy "min" needs the number of partitions of the topic, from 1 up. Give it as ` +
        '`partitions`, or choose watermarkPolicy: "max", where a slow partition\'s rows may be late.',
    )
  }
  const names = topicsOf(plan).flatMap((topic) =>
    Array.from({ length: countOf(partitions, topic) }, (_, partition) => topicPartition({ topic, partition })),
  )
  return { policy: 'min', delayMs, partitions: names, ...(idleTimeoutMs === null ? {} : { idleTimeoutMs }) }
}
