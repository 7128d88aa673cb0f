// The rows that the query of a function emits, taken at the door: a sink in front of the query's own, or in place of them. It is put
// into the query that the handler was made of, which its module exports beside it.
import type { Sink, StreamingQuery } from 'microbatch'
import type { RecordedQuery } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import { jsonText } from '../cli/json-text.ts'

export type JsonRow = Readonly<Record<string, unknown>>

export interface CapturedRows {
  readonly query: RecordedQuery
  /** Whether the query keeps state, so that what comes later depends on what came before. */
  readonly hasState: boolean
  /** The rows since it was last asked, as JSON has them. */
  take(): readonly JsonRow[]
  /** Whether the query's own sinks are written. */
  writesSinks: boolean
}

/**
 * @returns undefined where the query cannot be changed, being frozen: its rows are then not seen
 * @example const captured = captureRows('bars', exports.barsQuery); captured?.take()
 */
export function captureRows(functionKey: string, query: StreamingQuery): CapturedRows | undefined {
  const { sinks, plan, name, outputMode } = query
  const { aggregation } = plan
  let rows: JsonRow[] = []
  const captured: CapturedRows = {
    query: {
      function: functionKey,
      ...{ name, outputMode },
      columns: [...plan.columns.keys()],
      groupedBy: aggregation === null ? null : [...aggregation.order],
    },
    // A service may have a copy of the library that knows no stages.
    hasState: aggregation !== null || (plan.stages ?? []).length > 0,
    take: () => {
      const taken = rows
      rows = []
      return taken
    },
    writesSinks: true,
  }
  const [first, ...others] = sinks.map((sink) => onlyWhile(() => captured.writesSinks, sink))
  const front: Sink<unknown> = {
    description: '',
    ...first,
    async write(batch) {
      for (const { row } of batch.rows) rows.push(jsonRow(row))
      await first?.write(batch)
    },
  }
  return Reflect.set(query, 'sinks', [front, ...others]) ? captured : undefined
}

/** Opened when it is first written, not before: replays that leave the sinks out connect to none. */
function onlyWhile(isWritten: () => boolean, sink: Sink<unknown>): Sink<unknown> {
  let opened: Promise<void> | undefined
  return {
    description: sink.description,
    async write(batch) {
      if (!isWritten()) return
      opened ??= Promise.resolve(sink.open?.())
      await opened.catch((error: unknown) => {
        opened = undefined
        throw error
      })
      await sink.write(batch)
    },
    async close() {
      if (opened !== undefined) await sink.close?.()
    },
  }
}

const jsonRow = (row: unknown): JsonRow => JSON.parse(jsonText(withTexts(row)))

/** What JSON has no number for is a text: `NaN`, `Infinity`. */
function withTexts(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (Array.isArray(value)) return value.map(withTexts)
  if (value instanceof Map) return withTexts(Object.fromEntries(value))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withTexts(part)]))
}
