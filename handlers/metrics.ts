// The numbers of a batch as CloudWatch metrics, in Spark's names: Powertools prints them in the embedded metric format, and
// Lambda's log group makes metrics of them. Only on Lambda; a laptop has the log line of the batch.

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import type { StreamingQueryProgress } from 'microbatch'
import type { QueryPlace } from 'microbatch/lambda'

/** @returns what takes the progress of each batch */
export function batchMetrics(
  { service, isOnLambda }: Pick<QueryPlace, 'service' | 'isOnLambda'>,
  metrics: Metrics = new Metrics({ namespace: 'microbatch', serviceName: service }),
): (progress: StreamingQueryProgress) => void {
  if (!isOnLambda) return () => undefined
  return (progress) => {
    addBatch(metrics, progress)
    metrics.publishStoredMetrics()
  }
}

/** Adds the metrics of one batch, with the query as a dimension. */
export function addBatch(metrics: Metrics, progress: StreamingQueryProgress): void {
  metrics.addDimension('query', progress.name)
  const counts = {
    numInputRows: progress.numInputRows,
    numOutputRows: progress.sink.numOutputRows,
    numDeadLetters: progress.numDeadLetters,
    numDroppedMalformed: progress.numDroppedMalformed,
    numRowsWithoutEventTime: progress.numRowsWithoutEventTime,
  }
  for (const [name, value] of Object.entries(counts)) metrics.addMetric(name, MetricUnit.Count, value)
  for (const { operatorName: _name, customMetrics, memoryUsedBytes, ...rows } of progress.stateOperators) {
    for (const [name, value] of Object.entries({ ...rows, ...customMetrics }))
      metrics.addMetric(name, MetricUnit.Count, value)
    metrics.addMetric('memoryUsedBytes', MetricUnit.Bytes, memoryUsedBytes)
  }
  metrics.addMetric('triggerExecution', MetricUnit.Milliseconds, progress.durationMs.triggerExecution)
  const gapMs = watermarkGapMs(progress)
  if (gapMs !== null) metrics.addMetric('watermarkGap', MetricUnit.Milliseconds, gapMs)
}

/** How far the watermark is behind the latest row of the batch, in milliseconds; null where there is no row or no watermark yet. */
function watermarkGapMs({ eventTime }: StreamingQueryProgress): number | null {
  if (eventTime?.max === undefined) return null
  const watermarkMs = Date.parse(eventTime.watermark)
  // 1970 is Spark's word for none.
  return watermarkMs === 0 ? null : Date.parse(eventTime.max) - watermarkMs
}
