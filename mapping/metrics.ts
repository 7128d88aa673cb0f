// What a mapping has done, in the names of AWS's event source mapping metrics (developer guide, "Event source mapping
// metrics"; local-mapping.md 4.6). Sums since the start; lags are those of now.

export const metricNames = [
  'PolledEventCount',
  'FilteredOutEventCount',
  'InvokedEventCount',
  'FailedInvokeEventCount',
  'DroppedEventCount',
  'OnFailureDestinationDeliveredEventCount',
  'CommittedEventCount',
  'PollingErrorCount',
  'InvokeErrorCount',
  'OnFailureDestinationDeliveryErrorCount',
  'CommitErrorCount',
  'DestinationDeliveryFailures',
] as const

export type MetricName = (typeof metricNames)[number]

export interface Metrics {
  readonly add: (name: MetricName, count: number) => void
  readonly sums: () => Readonly<Record<MetricName, number>>
}

/** @example const metrics = createMetrics(); metrics.add('PolledEventCount', 3); metrics.sums().PolledEventCount // 3 */
export function createMetrics(): Metrics {
  const sums = new Map<MetricName, number>()
  const sum = (name: MetricName): number => sums.get(name) ?? 0
  return {
    add: (name, count) => {
      sums.set(name, sum(name) + count)
    },
    sums: () => ({
      PolledEventCount: sum('PolledEventCount'),
      FilteredOutEventCount: sum('FilteredOutEventCount'),
      InvokedEventCount: sum('InvokedEventCount'),
      FailedInvokeEventCount: sum('FailedInvokeEventCount'),
      DroppedEventCount: sum('DroppedEventCount'),
      OnFailureDestinationDeliveredEventCount: sum('OnFailureDestinationDeliveredEventCount'),
      CommittedEventCount: sum('CommittedEventCount'),
      PollingErrorCount: sum('PollingErrorCount'),
      InvokeErrorCount: sum('InvokeErrorCount'),
      OnFailureDestinationDeliveryErrorCount: sum('OnFailureDestinationDeliveryErrorCount'),
      CommitErrorCount: sum('CommitErrorCount'),
      DestinationDeliveryFailures: sum('DestinationDeliveryFailures'),
    }),
  }
}
