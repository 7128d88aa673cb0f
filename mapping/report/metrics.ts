// What a mapping has done, counted from its events in the names of AWS's event source mapping metrics (developer guide, "Event
// source mapping metrics"; local-mapping.md 4.6). Sums since the start.

import type { MappingEvent } from '../events/mapping-event.ts'

export const metricNames = [
  'PolledEventCount',
  'FilteredOutEventCount',
  'InvokedEventCount',
  'FailedInvokeEventCount',
  'DroppedEventCount',
  'OnFailureDestinationDeliveredEventCount',
  'CommittedEventCount',
  'PollingErrorCount',
  'SchemaRegistryErrorCount',
  'InvokeErrorCount',
  'OnFailureDestinationDeliveryErrorCount',
  'CommitErrorCount',
  'DestinationDeliveryFailures',
] as const

export type MetricName = (typeof metricNames)[number]

export interface Metrics {
  readonly count: (event: MappingEvent) => void
  readonly sums: () => Readonly<Record<MetricName, number>>
}

/** @example const metrics = createMetrics(); onMappingEvent(metrics.count, mapping); metrics.sums().PolledEventCount // 3 */
export function createMetrics(): Metrics {
  const sums = Object.fromEntries(metricNames.map((name) => [name, 0])) as Record<MetricName, number>
  return {
    count: (event) => {
      for (const [name, count] of Object.entries(countsOf(event)) as [MetricName, number][]) sums[name] += count
    },
    sums: () => ({ ...sums }),
  }
}

function countsOf(event: MappingEvent): Partial<Record<MetricName, number>> {
  switch (event.kind) {
    case 'polled':
      return { PolledEventCount: event.records.count, FilteredOutEventCount: event.filteredOut }
    case 'readFailed':
      return { PollingErrorCount: 1 }
    case 'registryFailed':
      return { SchemaRegistryErrorCount: 1 }
    case 'recordRefused':
      return { SchemaRegistryErrorCount: event.records.count }
    case 'invocationSucceeded':
      return { InvokedEventCount: event.records.count }
    case 'invocationFailed':
      return {
        // One that was not reached had no records.
        InvokedEventCount: event.failure === 'throttled' || event.failure === 'unavailable' ? 0 : event.records.count,
        FailedInvokeEventCount: event.failedCount,
        InvokeErrorCount: event.failure === 'itemFailures' ? 0 : 1,
      }
    case 'discarded':
      return {
        DroppedEventCount: event.droppedCount,
        ...(event.destination === undefined
          ? {}
          : { OnFailureDestinationDeliveredEventCount: event.records.count - event.droppedCount }),
        ...(event.error === undefined
          ? {}
          : { OnFailureDestinationDeliveryErrorCount: 1, DestinationDeliveryFailures: 1 }),
      }
    case 'committed':
      // "The sum of commit deltas": AWS's count of committed events.
      return { CommittedEventCount: event.partitions.reduce((sum, { count }) => sum + count, 0) }
    case 'commitFailed':
      return { CommitErrorCount: 1 }
    default:
      return {}
  }
}
