// The table of Avro's types: which column each becomes, as which others it may be read, and what its values are turned into. What is
// not in it is refused in words where a column wants it. A new type of columns is a line here.

import type avsc from 'avsc'
import { avroName, scaleOf, underlying } from '../../registry/avro-type.ts'
import { type CodecKind, timestampRangeMs } from '../column-of-kind.ts'
import { WrongShape } from '../wrong-shape.ts'

/** From avsc's value of the underlying type to the column's; left out where they are the same. */
export type Convert = (value: never) => unknown

export interface Reading {
  readonly column: CodecKind
  /**
   * The type that avsc reads the value as: the writer's own where it is left out. Reading a narrower number as a wider one is
   * avsc's.
   */
  readonly as?: 'int' | 'long' | 'double' | 'string' | 'bytes'
  /** Made once for each field. */
  readonly convert?: (type: avsc.Type) => Convert
}

interface Line {
  /** The column that a schema without columns of its own gets; null for a type that only a declared column takes. */
  readonly usual: CodecKind | null
  readonly readings: readonly Reading[]
}

const line = (usual: CodecKind | null, ...readings: readonly Reading[]): Line => ({ usual, readings })

/** `decimal of bytes`: a logical type with what lies under it; `bytes`: a type without one. */
const lines: Readonly<Record<string, Line>> = {
  boolean: line('boolean', { column: 'boolean' }),
  int: line('int', { column: 'int' }, { column: 'long', as: 'long' }, { column: 'double', as: 'double' }),
  long: line('long', { column: 'long' }),
  float: line('double', { column: 'double', as: 'double' }),
  double: line('double', { column: 'double' }),
  string: line('string', { column: 'string' }, { column: 'binary', as: 'bytes' }),
  bytes: line('binary', { column: 'binary' }, { column: 'string', as: 'string' }),
  fixed: line('binary', { column: 'binary', convert: () => same }),
  enum: line('string', { column: 'string', convert: () => same }),
  'uuid of string': line('string', { column: 'string' }),
  'uuid of fixed': line(
    'string',
    { column: 'string', convert: () => uuidText },
    { column: 'binary', convert: () => same },
  ),
  'timestamp-millis of long': line('timestamp', { column: 'timestamp', convert: () => inCalendar }, { column: 'long' }),
  'timestamp-micros of long': line('timestamp', { column: 'timestamp', convert: () => micros }, { column: 'long' }),
  'time-millis of int': line('int', { column: 'int' }, { column: 'long', as: 'long' }),
  'time-micros of long': line('long', { column: 'long' }),
  // A local time is no instant: only a column of its own numbers takes it.
  'local-timestamp-millis of long': line(null, { column: 'long' }),
  'local-timestamp-micros of long': line(null, { column: 'long' }),
  'date of int': line(null, { column: 'string', convert: () => dateText }, { column: 'int' }),
  'decimal of bytes': line(null, { column: 'string', convert: decimalText }),
  'decimal of fixed': line(null, { column: 'string', convert: decimalText }),
  'duration of fixed': line('binary', { column: 'binary', convert: () => same }),
}

/** A logical type over what it is not defined for is ignored, as the specification says. */
const lineOf = (type: avsc.Type): Line | undefined => {
  const under = underlying(type)
  return lines[under === type ? avroName(type) : `${avroName(type)} of ${avroName(under)}`] ?? lines[avroName(under)]
}

/** @returns undefined where a column of that kind does not take the type */
export const readingOf = (type: avsc.Type, column: string): Reading | undefined =>
  lineOf(type)?.readings.find((reading) => reading.column === column)

/** The column of a field whose schema says nothing of columns; null or undefined where there is none. */
export const usualColumn = (type: avsc.Type): CodecKind | null | undefined => lineOf(type)?.usual

/** The columns that may be declared for a type, for messages. */
export const declarable = (type: avsc.Type): readonly CodecKind[] =>
  lineOf(type)?.readings.map(({ column }) => column) ?? []

const same = (value: unknown): unknown => value

const { min, max } = timestampRangeMs

function inCalendar(epochMs: number): number {
  if (epochMs >= min && epochMs <= max) return epochMs
  throw new WrongShape(`expected a time of the years 1 to 9999, got ${epochMs}`)
}

/** A column's times are milliseconds: what is finer is cut off, towards the past. */
const micros = (epochMicros: number): number => inCalendar(Math.floor(epochMicros / 1000))

function dateText(day: number): string {
  const epochMs = day * 86_400_000
  if (epochMs >= min && epochMs <= max) return new Date(epochMs).toISOString().slice(0, 10)
  throw new WrongShape(`expected a day of the years 1 to 9999, got day ${day}`)
}

function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** The bytes are a whole number in two's complement, big endian; the scale says where its point is. All digits are kept. */
function decimalText(type: avsc.Type): Convert {
  const scale = scaleOf(type)
  return (bytes: Buffer): string => {
    const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
    const sign = unscaled < 0n ? '-' : ''
    return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  }
}
