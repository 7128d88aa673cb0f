// Builders for tests of the mapping: rows, settings, and an Invoker whose outcomes the test decides.

import type { KafkaEvent, WireRecord } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import { type EventPublisher, eventPublisher, onMappingEvent } from '../../mapping/events/channel.ts'
import type { MappingIdentity } from '../../mapping/events/mapping-event.ts'
import type { InvokeOutcome, Invoker } from '../../mapping/invoke/invoker.ts'
import type { Log } from '../../mapping/log.ts'
import { journal } from '../../mapping/report/journal.ts'
import type { MappingSettings } from '../../mapping/settings/settings.ts'

export const aRow = (more: Partial<KafkaRow> = {}): KafkaRow => ({
  key: Buffer.from('AAPL'),
  value: Buffer.from('{"price":150.5}'),
  topic: 'stock-ticks',
  partition: 0,
  offset: 0,
  timestamp: 1_700_000_000_000,
  timestampType: 0,
  headers: [],
  ...more,
})

export const rowsFrom = (partition: number, offsets: readonly number[]): KafkaRow[] =>
  offsets.map((offset) => aRow({ partition, offset }))

export const someSettings = (more: Partial<MappingSettings> = {}): MappingSettings => ({
  functionKey: 'bars',
  source: 'kafka',
  topic: 'stock-ticks',
  batchSize: 3,
  windowMs: 20,
  startingPosition: { kind: 'TRIM_HORIZON' },
  enabled: true,
  consumerGroupId: 'demo-dev-bars-stock-ticks',
  bootstrapServers: ['localhost:9092'],
  clusterArn: undefined,
  filterPatterns: [],
  reservedConcurrency: undefined,
  pollers: undefined,
  maxRetries: Number.POSITIVE_INFINITY,
  maxRecordAgeMs: Number.POSITIVE_INFINITY,
  bisects: false,
  reportsItemFailures: false,
  onFailure: undefined,
  schemaRegistry: undefined,
  ...more,
})

export interface LoggedLines extends Log {
  readonly lines: string[]
}

export function memoryLog(): LoggedLines {
  const lines: string[] = []
  const keep = (level: string) => (text: string) => void lines.push(`${level}: ${text}`)
  return {
    lines,
    notice: keep('notice'),
    warning: keep('warning'),
    error: keep('error'),
    info: keep('info'),
    debug: keep('debug'),
  }
}

/** The events of a mapping, with its lines in a log. */
export function eventsInto(log: Log, mapping: MappingIdentity): EventPublisher {
  const events = eventPublisher(mapping)
  onMappingEvent(journal(log), events.mapping)
  return events
}

/** `{ partition: offsets }` of an event, in its order. */
export const offsetsOf = (event: KafkaEvent): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(event.records).map(([partition, records]: [string, readonly WireRecord[]]) => [
      partition,
      records.map(({ offset }) => offset),
    ]),
  )

export interface MemoryInvoker extends Invoker {
  readonly events: KafkaEvent[]
  readonly peakInFlight: () => number
}

/** An Invoker that answers what `handler` says; a thrown error is a function error. */
export function memoryInvoker(
  handler: (event: KafkaEvent, signal: AbortSignal) => Promise<InvokeOutcome | undefined> | undefined,
): MemoryInvoker {
  const events: KafkaEvent[] = []
  let inFlight = 0
  let peak = 0
  return {
    events,
    peakInFlight: () => peak,
    ready: async () => undefined,
    invoke: async (_name, { event }, signal) => {
      events.push(event)
      inFlight += 1
      peak = Math.max(peak, inFlight)
      try {
        return (await handler(event, signal)) ?? { kind: 'success', payload: '' }
      } catch (error) {
        return {
          kind: 'functionError',
          errorType: 'Error',
          message: error instanceof Error ? error.message : String(error),
        }
      } finally {
        inFlight -= 1
      }
    },
    close: () => undefined,
  }
}
