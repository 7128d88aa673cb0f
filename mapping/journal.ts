// What a mapping says: few lines, each said once, safe to print. serverless's own log is behind it when it runs as a plugin.

import type { CloseReason } from './batch/batcher.ts'
import { printable } from './terminal.ts'

/** The third constructor argument of a serverless plugin, as far as it is used. */
export interface Log {
  notice(text: string): void
  warning(text: string): void
  error(text: string): void
  info(text: string): void
  debug(text: string): void
}

/** One partition's part of a batch. */
export interface Span {
  readonly partition: number
  readonly first: number
  readonly last: number
  readonly count: number
}

export interface BatchLine {
  readonly functionKey: string
  readonly topic: string
  readonly spans: readonly Span[]
  readonly reason: CloseReason
  readonly payloadBytes: number
  /** Records of these partitions that the filter held back since their last batch. */
  readonly filteredOut: number
  readonly durationMs: number
  /** `ok`, or what went wrong and when it is tried again. */
  readonly outcome: string
}

/** @example 'bars <- stock-ticks 0:15-17 3:7 | 4 records, 1.2 kB, window | 12 ms | ok' */
export function batchLine(line: BatchLine): string {
  const spans = line.spans.map(spanText)
  const filtered = line.filteredOut === 0 ? '' : `, ${line.filteredOut} filtered out`
  const records = line.spans.reduce((sum, { count }) => sum + count, 0)
  return printable(
    `${line.functionKey} <- ${line.topic} ${spans.join(' ')} | ${records} ${records === 1 ? 'record' : 'records'}, ` +
      `${kilobytes(line.payloadBytes)}, ${line.reason}${filtered} | ${Math.round(line.durationMs)} ms | ${line.outcome}`,
    2_000,
  )
}

export interface Sequel {
  /** How many records failed, and how many of them are given up. */
  readonly records: number
  readonly discarded: number
  /** The pieces that are tried again. */
  readonly again: ReadonlyArray<{ readonly rows: readonly unknown[]; readonly dueAtMs: number }>
  readonly isStopping: boolean
}

/** What follows on a failure, in words: @example 'the same records again in 0.8 s' */
export function sequelText({ records, discarded, again, isStopping }: Sequel, nowMs: number): string {
  const [first] = again
  if (discarded > 0 || first === undefined) return 'no retry is left'
  if (isStopping) return 'stopping, not committed'
  if (again.length > 1) return 'halved'
  const seconds = (Math.max(0, first.dueAtMs - nowMs) / 1000).toFixed(1)
  return `${first.rows.length === records ? 'the same records' : 'these'} again in ${seconds} s`
}

/** @example spanText({ partition: 3, first: 7, last: 9, count: 3 }) // '3:7-9' */
const spanText = ({ partition, first, last }: Span): string =>
  `${partition}:${first}${last === first ? '' : `-${last}`}`

/** The offsets of records by partition, in the order they come in. */
export function spansOf(rows: ReadonlyArray<{ readonly partition: number; readonly offset: number }>): readonly Span[] {
  const spans = new Map<number, { partition: number; first: number; last: number; count: number }>()
  let span: { partition: number; first: number; last: number; count: number } | undefined
  for (const { partition, offset } of rows) {
    if (span?.partition !== partition) span = spans.get(partition)
    if (span === undefined) {
      span = { partition, first: offset, last: offset, count: 0 }
      spans.set(partition, span)
    }
    span.last = offset
    span.count += 1
  }
  return [...spans.values()]
}

/** @example nameOf({ functionKey: 'bars', topic: 'ticks' }, rows) // 'bars <- ticks 0:5-9' */
export const nameOf = (
  { functionKey, topic }: { readonly functionKey: string; readonly topic: string },
  rows: ReadonlyArray<{ readonly partition: number; readonly offset: number }>,
): string => printable(`${functionKey} <- ${topic} ${spansOf(rows).map(spanText).join(' ')}`, 2_000)

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`

/**
 * Says a trouble once, however often it recurs, and once that it is over.
 *
 * @example
 * const status = troubleStatus(log)
 * status.trouble('Kafka at localhost:9092 does not answer; waiting'); status.over('Kafka at localhost:9092 answers')
 */
export function troubleStatus(log: Log): { trouble(text: string): void; over(text: string): void } {
  const said = new Set<string>()
  return {
    trouble: (text) => {
      if (said.has(text)) return
      said.add(text)
      log.warning(printable(text))
    },
    over: (text) => {
      if (said.size === 0) return
      said.clear()
      log.notice(printable(text))
    },
  }
}
