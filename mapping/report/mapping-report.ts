// The counters and lags of a mapping now: what the metrics endpoint shows, and the line at the end.

import type { MappingIdentity } from '../events/mapping-event.ts'
import { printable } from '../terminal.ts'
import { type MetricName, type Metrics, metricNames } from './metrics.ts'

export interface MappingReport {
  readonly function: string
  readonly topic: string
  readonly consumerGroupId: string
  /** Sums since the start, by AWS's names. */
  readonly metrics: Readonly<Record<MetricName, number>>
  /** Now. */
  readonly MaxOffsetLag: number
  readonly SumOffsetLag: number
  readonly OffsetLagByPartition: Readonly<Record<string, number>>
}

/** @example mappingReport(settings, mapping.metrics, mapping.lags()).SumOffsetLag // 12 */
export function mappingReport(
  { functionKey, topic, consumerGroupId }: MappingIdentity,
  metrics: Pick<Metrics, 'sums'>,
  lags: ReadonlyMap<number, number>,
): MappingReport {
  return {
    function: functionKey,
    topic,
    consumerGroupId,
    metrics: metrics.sums(),
    MaxOffsetLag: Math.max(0, ...lags.values()),
    SumOffsetLag: [...lags.values()].reduce((sum, lag) => sum + lag, 0),
    OffsetLagByPartition: Object.fromEntries(lags),
  }
}

/** @example 'bars <- stock-ticks: PolledEventCount 12, InvokedEventCount 12, CommittedEventCount 12' */
export function countersLine(report: MappingReport): string {
  const counts = metricNames.flatMap((name) => (report.metrics[name] === 0 ? [] : [`${name} ${report.metrics[name]}`]))
  return printable(`${report.function} <- ${report.topic}: ${counts.join(', ') || 'no records'}`)
}
