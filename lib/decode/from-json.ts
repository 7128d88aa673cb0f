// JSON values -> rows by the rules of Spark's from_json in PERMISSIVE mode (catalyst JacksonParser, FailureSafeParser):
// the policy `null`. There is always a row: a field of the wrong type is null, a malformed text is a row of nulls. What
// Spark does otherwise: it takes integers of 64 bits; here one that a double cannot hold exactly is null, never rounded.

import type { Decoded } from './codec.ts'
import { compact, isInteger, isNumber, isQuoted, numberValue, readObject, unquote } from './lenient-json.ts'
import type { ColumnKind, Schema } from './schema.ts'

/** The row of a schema under the policy `null`: every column may be null; the text of a corrupt record where asked for. */
export type PermissiveRow<Row, CorruptRecordColumn extends string = never> = {
  readonly [Name in keyof Row | CorruptRecordColumn]: Name extends keyof Row ? Row[Name] | null : string | null
}

/** From a value's own text to the column's value; undefined where the type is wrong. JSON null never comes here. */
type Converter = (source: string) => unknown

/** JavaScript's range of dates, in epoch milliseconds either side of 1970 (ECMA-262, time values). */
const maxTimestampMs = 8.64e15

const converters: Readonly<Record<ColumnKind, Converter>> = {
  string: (source) => (isQuoted(source) ? unquote(source).replace(loneSurrogate, '?') : compact(source)),
  double: (source) => {
    if (isNumber(source)) return numberValue(source)
    return isQuoted(source) && quotedNumbers.has(unquote(source)) ? numberValue(unquote(source)) : undefined
  },
  long: (source) => integerWithin(source, Number.MAX_SAFE_INTEGER),
  int: (source) => {
    const value = integerWithin(source, 2 ** 31)
    return value === 2 ** 31 ? undefined : value
  },
  boolean: (source) => (source === 'true' ? true : source === 'false' ? false : undefined),
  timestamp: (source) => integerWithin(source, maxTimestampMs),
  binary: (source) => (isQuoted(source) ? fromBase64(unquote(source)) : undefined),
}

/** In quotes a double takes these words only, and no digits (JacksonParser, DoubleType). */
const quotedNumbers = new Set(['NaN', 'Infinity', '+Infinity', '-Infinity', '+INF', '-INF'])

/** Java's encoder puts a question mark for half a surrogate pair. */
const loneSurrogate = /\p{Surrogate}/gu

function integerWithin(source: string, limit: number): number | undefined {
  const value = isInteger(source) ? numberValue(source) : Number.NaN
  return Math.abs(value) <= limit ? value : undefined
}

/** Base64 as MIME has it: padded, blanks between its groups of four. */
const fromBase64 = (text: string): Buffer | undefined =>
  /^(?:[\0- ]*[A-Za-z0-9+/]{4})*(?:[\0- ]*[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=))?[\0- ]*$/.test(text)
    ? Buffer.from(text, 'base64')
    : undefined

/**
 * Prepares the decoding of a schema's rows, once. The function it returns never throws and never refuses a record.
 *
 * @param corruptRecordColumn a further column for the text of records that are malformed or hold a wrong type
 * @example fromJson(Tick)(Buffer.from('{"symbol":"AAPL","price":"x"}')) // symbol AAPL, all else null
 */
export function fromJson<Row>(
  schema: Schema<unknown>,
  corruptRecordColumn: string | null = null,
): (value: Buffer | null) => Decoded<Row> {
  const columns = new Map(Array.from(schema.columns, ([name, { kind }]) => [name, converters[kind]]))
  const nulls: Record<string, unknown> = Object.fromEntries(Array.from(schema.columns.keys(), (name) => [name, null]))
  if (corruptRecordColumn !== null) nulls[corruptRecordColumn] = null

  return (value) => {
    let row = { ...nulls }
    if (value !== null) {
      const text = decodeUtf8(value)
      let isCorrupt = false
      const found = readObject(text, (name, source) => {
        const convert = columns.get(name)
        if (convert === undefined) return
        const read = source === 'null' ? null : convert(source)
        // The last of equal names counts, but a wrong type never takes away what stood there before it.
        if (read === undefined) isCorrupt = true
        else row[name] = read
      })
      if (found === 'malformed') row = { ...nulls }
      if (corruptRecordColumn !== null && (isCorrupt || found === 'malformed')) row[corruptRecordColumn] = text
    }
    return { kind: 'row', row: row as Row }
  }
}

/** Java reads half a surrogate pair, written in UTF-8, as one bad character; the web's decoder would see three. */
function decodeUtf8(value: Buffer): string {
  const text = value.toString('utf8')
  if (!text.includes('\ufffd')) return text
  return Buffer.from(value.toString('latin1').replace(/\xed[\xa0-\xbf][\x80-\xbf]?/g, '\xff'), 'latin1').toString()
}
