// The table of Avro's types: which column each becomes, as which others it may be read, and what its values are turned into. What is
// not in it is refused in words where a column wants it. Arrays, maps and records, which have others within, are in reading.ts.

import type avsc from 'avsc'
import { avroName, precisionOf, scaleOf, underlying } from '../../registry/avro/avro-type.ts'
import { stringType } from '../../types/string.ts'
import { date, decimal, float, timestampNtz } from '../columns.ts'
import { type Convert, columnWord, exactNumber, heldBy, readBy } from '../conversions.ts'
import { binary, boolean, type Column, double, int, long, string, timestamp } from '../schema.ts'
import { dateText, decimalText, decimalValue, micros, millis, nanos, uuidText } from './logical-values.ts'

export interface Reading {
  /**
   * The type that avsc reads the value as: the writer's own where it is left out. Reading a narrower number as a wider one is
   * avsc's.
   */
  readonly as?: 'long' | 'double' | 'string' | 'bytes'
  /** From avsc's value of the underlying type to the column's; left out where they are the same. */
  readonly convert?: Convert
  /** Its longs go beyond 2^53: avsc has to give them as bigints. A `convert` of longs takes both. */
  readonly isWide?: true
  /** avsc's own reading of the type does what `convert` does. */
  readonly isDirect?: true
}

/** Undefined where the column is of the right kind, and yet not one that the type gives. */
type Make = (column: Column<unknown>, type: avsc.Type) => Reading | undefined

interface Line {
  /** The column that a schema without columns of its own gets; undefined for a type that only a declared column takes. */
  readonly usual: (type: avsc.Type) => Column<unknown> | undefined
  /** By the word of the column's type. */
  readonly readings: Readonly<Record<string, Make>>
  /** Which columns may be declared, for messages. */
  readonly words: string
}

const line = (usual: Line['usual'], readings: Line['readings'], words = wordsOf(readings)): Line => ({
  usual,
  readings,
  words,
})

const wordsOf = (readings: Line['readings']): string =>
  Object.keys(readings)
    .map((word) => (word === 'timestamp_ntz' ? 'timestampNtz()' : `${word}()`))
    .join(' or ')

const asIs: Make = () => ({})
const held: Make = (column) => ({ convert: heldBy(column) })
const exact: Make = () => ({ convert: exactNumber })
const wide: Make = (column) => ({ convert: heldBy(column), isWide: true })
const nanosecond: Make = () => ({ convert: nanos, isWide: true })
const by =
  (convert: Convert): Make =>
  () => ({ convert })
/** Text of a column that has a text in JSON: `oneOf`, a date, a decimal from text. */
const text: Make = (column) => {
  if (column.type === stringType) return {}
  return column.type.json.isText === true ? { convert: readBy(column) } : undefined
}
/** Text that is made of another value: a column of any text takes it. */
const textBy =
  (convert: Convert): Make =>
  ({ type }) =>
    type === stringType ? { convert } : undefined
/** A number in the column's unit, as in JSON. */
const time: Make = (column) => {
  const { json } = column.type
  if (json.isText === true) return undefined
  const read = readBy(column)
  return { convert: (value) => read(exactNumber(value)) }
}

const longAsFloat: Make = (column) => {
  const hold = heldBy(column)
  return { convert: (value) => hold(exactNumber(value)) }
}
const textOfBytes: Make = (column, type) => {
  const reading = text(column, type)
  return reading && { as: 'string', ...reading }
}

/** `decimal of bytes`: a logical type with what lies under it; `bytes`: a type without one. */
const lines: Readonly<Record<string, Line>> = {
  boolean: line(boolean, { boolean: asIs }),
  int: line(int, {
    ...{ int: asIs, long: () => ({ as: 'long' }), double: () => ({ as: 'double' }), float: held },
    ...{ short: held, byte: held, bigint: held, timestamp: time },
  }),
  long: line(long, {
    long: () => ({ convert: exactNumber, isDirect: true }),
    bigint: wide,
    double: by(exactNumber),
    float: longAsFloat,
    timestamp: time,
  }),
  float: line(float, { float: asIs, double: () => ({ as: 'double' }) }),
  double: line(() => double(), { double: asIs }),
  string: line(
    string,
    {
      ...{ string: text, binary: () => ({ as: 'bytes' }), date: text, timestamp: text, timestamp_ntz: text },
      ...{ decimal: text, double: text },
    },
    "string() or binary() or, where the text is one, date(), timestamp({ unit: 'iso' }), decimal(p, s, { from: 'text' })",
  ),
  bytes: line(binary, { binary: asIs, string: textOfBytes }),
  fixed: line(binary, { binary: asIs }),
  enum: line(string, { string: text }),
  'uuid of string': line(string, { string: text }),
  'uuid of fixed': line(string, { string: textBy(uuidText), binary: asIs }),
  'timestamp-millis of long': line(() => timestamp(), { timestamp: by(millis), long: exact, bigint: wide }),
  'timestamp-micros of long': line(() => timestamp(), { timestamp: by(micros), long: exact, bigint: wide }),
  'timestamp-nanos of long': line(() => timestamp(), { timestamp: nanosecond, bigint: wide }),
  'time-millis of int': line(int, { int: asIs, long: () => ({ as: 'long' }) }),
  'time-micros of long': line(long, { long: exact, bigint: wide }),
  // A local time is no instant: no column of instants takes it.
  'local-timestamp-millis of long': line(timestampNtz, { timestamp_ntz: by(millis), long: exact, bigint: wide }),
  'local-timestamp-micros of long': line(timestampNtz, { timestamp_ntz: by(micros), long: exact, bigint: wide }),
  'local-timestamp-nanos of long': line(timestampNtz, { timestamp_ntz: nanosecond, bigint: wide }),
  'date of int': line(() => date(), { date: by(dateText), string: textBy(dateText), int: asIs }),
  'decimal of bytes': decimals(),
  'decimal of fixed': decimals(),
  'duration of fixed': line(binary, { binary: asIs }),
}

/** A logical type over what it is not defined for is ignored, as the specification says. */
const lineOf = (type: avsc.Type): Line | undefined => {
  const under = underlying(type)
  return lines[under === type ? avroName(type) : `${avroName(type)} of ${avroName(under)}`] ?? lines[avroName(under)]
}

/** @returns undefined where the column does not take the type */
export const scalarReading = (type: avsc.Type, column: Column<unknown>): Reading | undefined =>
  lineOf(type)?.readings[columnWord(column)]?.(column, type)

/** The column of a field whose schema says nothing of columns. */
export const scalarColumn = (type: avsc.Type): Column<unknown> | undefined => lineOf(type)?.usual(type)

/** The columns that may be declared for a type, for messages; undefined for none. */
export const declarable = (type: avsc.Type): string | undefined => lineOf(type)?.words

/** The column's scale must have room for that of the type; whether a value has more digits than the column is seen at each value. */
function decimals(): Line {
  const exactDecimal: Make = (column, type) => {
    const scale = Number(/,(\d+)\)$/.exec(column.type.name)?.[1])
    if (scale < scaleOf(type)) return undefined
    const [read, hold] = [decimalValue(type), heldBy(column)]
    return { convert: (value) => hold(read(value)) }
  }
  const usual = (type: avsc.Type): Column<unknown> | undefined =>
    scaleOf(type) > 38 ? undefined : decimal(Math.min(38, Math.max(1, precisionOf(type))), scaleOf(type))
  const asText: Make = (column, type) => textBy(decimalText(type))(column, type)
  return line(usual, { decimal: exactDecimal, string: asText }, 'decimal() of its precision and scale or string()')
}
