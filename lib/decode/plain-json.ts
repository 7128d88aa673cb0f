// A short cut before from-json.ts: a small record of strict JSON whose fields all have their right type is read by
// JSON.parse. It gives the very row that the tolerant reader would give, or none where that is not certain.

import { compileColumns } from './column-reader.ts'
import type { Column } from './schema.ts'

/** Beyond this JSON.parse is no faster; and within it no text can reach the limits of the tolerant reader. */
const maxLength = 1000

/**
 * What JSON.parse does not tell apart though Spark does: `1e3` and `1.0` from integers, numbers of so many digits that
 * reading them may round to an integer, and the zero of `-0`, an integer, from that of `-0.0`.
 */
const needsSource = /\d(?:[eE]|\.0+(?!\d)|[.\d]{15})|-0/

/**
 * Prepares the short cut for a schema's columns, once; null where it does not serve: base64 has looser rules there.
 *
 * @example plainReader(Tick.columns)?.('{"symbol":"AAPL"}') // { symbol: 'AAPL', price: null, … }
 */
export function plainReader(
  columns: ReadonlyMap<string, Column<unknown>>,
): ((text: string) => Record<string, unknown> | undefined) | null {
  if (Array.from(columns.values()).some(({ kind }) => kind === 'binary')) return null
  const readers = compileColumns(new Map(Array.from(columns, ([name, column]) => [name, column.nullable()])))

  return (text) => {
    if (text.length > maxLength || needsSource.test(text)) return undefined
    const fields = parseObject(text)
    if (fields === undefined) return undefined
    const row: Record<string, unknown> = {}
    for (const { name, read } of readers) {
      const value = read(fields)
      if (value === undefined || (typeof value === 'string' && !value.isWellFormed())) return undefined
      row[name] = value
    }
    return row
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined
  } catch {
    return undefined // Not strict JSON: what it is instead, the tolerant reader says.
  }
}
