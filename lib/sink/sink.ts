// The port by which rows leave. A sink is given one batch at a time and resolves when the rows are safe; if it rejects,
// the whole batch is delivered again, so a sink must take the same rows twice. Their ids are the same then, so that a sink can
// recognise them.

import type { OutputMode } from '../aggregate/output-mode.ts'
import type { OutputColumns } from './output-columns.ts'

/** A row on its way out. */
export interface EmittedRow<Row> {
  readonly row: Row
  /** The same for the same row however often it is delivered: its record's coordinates, or its group. */
  readonly id: string
  /** For a group in update mode: a sink keeps the row with the highest version of an id. */
  readonly version?: number
}

export interface SinkBatch<Row> {
  readonly query: string
  /**
   * The offsets that the batch covers, `ticks-0:15-18 ticks-1:4-9` (the last is one past it): the same whenever the same records
   * are delivered together, in any container. A late sink has ` late` at its end: those are other rows of the same records.
   */
  readonly key: string
  /**
   * The number of the batch in the life of the query, from 0 up: a batch that comes again has its own. Absent for a stateless
   * query: it keeps nothing, so nobody knows how many batches there were.
   */
  readonly batchId?: number
  /** A number to show to people: `batchId`, or how many batches this container has written. */
  readonly number: number
  readonly outputMode: OutputMode
  readonly columns: OutputColumns
  /** May be empty: a batch that ran and emitted nothing. */
  readonly rows: readonly EmittedRow<Row>[]
}

/** A row that is larger than what a place takes: to try again is no use. */
export interface OversizedRow {
  readonly emitted: EmittedRow<object>
  readonly reason: 'VALUE_TOO_LONG' | 'KEY_TOO_LONG'
  /** In words: how large it is, and how large it may be there. */
  readonly detail: string
  /** What the place takes, in bytes. */
  readonly maxBytes: number
}

/** What a sink may use while it writes a batch. */
export interface SinkCall {
  /** Makes dead letters of the query's of rows that the place can never take. Resolves when they are safe. */
  setAside(rows: readonly OversizedRow[]): Promise<void>
  /** Milliseconds until the invocation ends; Infinity where it has no end. */
  remainingMs(): number
}

/**
 * Where the rows of a query go: `consoleSink()`, or a sink of your own.
 *
 * @example
 * const webhook: Sink<object> = {
 *   description: 'webhook',
 *   async write({ rows }) {
 *     const response = await fetch(url, { method: 'POST', body: JSON.stringify(rows) })
 *     if (!response.ok) throw new Error(`the webhook answered ${response.status}`)
 *   },
 * }
 */
export interface Sink<Row> {
  /** Its name in progress, and in the message where it fails. */
  readonly description: string
  /** The output modes that it can be given; any where it is left out. A query of another is refused when it is built. */
  readonly outputModes?: readonly OutputMode[]
  /** True where the rows end with the container: refused on Lambda, where that may be any moment. */
  readonly isEphemeral?: boolean
  /** Called once before the first batch of a container: connections are made here. If it rejects, the batch comes again. */
  open?(): Promise<void>
  /** @param call left out where a program writes to the sink by itself */
  write(batch: SinkBatch<Row>, call?: SinkCall): Promise<void>
  /** Called where there is an end, as in a test; a container of Lambda ends without it, so nothing may wait for it. */
  close?(): Promise<void>
}
