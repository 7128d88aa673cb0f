// The table of Protobuf's types: which column each becomes, as which others it may be read, and what its values are turned into. What is
// not in it is refused in words where a column wants it. Lists, maps and messages, which have others within, are in message-picks.ts.

import { type DescEnum, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { stringType } from '../../types/string.ts'
import { float } from '../columns.ts'
import { type Convert, columnWord, exactNumber, heldBy, inCalendar, readBy } from '../conversions.ts'
import { binary, boolean, type Column, double, int, long, string, timestamp } from '../schema.ts'
import { WrongShape } from '../wrong-shape.ts'

/** The type of a field's value, or of one element of it: one of these three is there. */
export interface ValueType {
  readonly scalar?: ScalarType | undefined
  readonly enum?: DescEnum | undefined
  readonly message?: DescMessage | undefined
}

/** From @bufbuild/protobuf's value to the column's: null where they are the same, undefined where the column does not take it. */
type Make = (column: Column<unknown>, type: ValueType) => Convert | null | undefined

interface Line {
  /** The column of a message that says nothing of columns. */
  readonly usual: () => Column<unknown>
  /** By the word of the column's type. */
  readonly readings: Readonly<Record<string, Make>>
}

const asIs: Make = () => null
const held: Make = heldBy
const exact: Make = () => exactNumber
/** Text of a column that has a text in JSON: `oneOf`, a date, a decimal from text. */
const text: Make = (column) => {
  if (column.type === stringType) return null
  return column.type.json.isText === true ? readBy(column) : undefined
}
/** A number in the column's unit, as in JSON. */
const time: Make = (column) => {
  if (column.type.json.isText === true) return undefined
  const read = readBy(column)
  return (value) => read(exactNumber(value))
}
/** A file may ask for text in place of bigints. */
const whole: Make = (column) => {
  const hold = heldBy(column)
  return (value) => hold(BigInt(value as bigint | string))
}

const lines: Readonly<Record<string, Line>> = {
  string: {
    usual: string,
    readings: { string: text, date: text, timestamp: text, timestamp_ntz: text, decimal: text, double: text },
  },
  bytes: { usual: binary, readings: { binary: () => bufferOf } },
  bool: { usual: boolean, readings: { boolean: asIs } },
  int32: {
    usual: int,
    readings: { int: asIs, long: asIs, double: asIs, short: held, byte: held, bigint: whole, timestamp: time },
  },
  uint32: { usual: long, readings: { long: asIs, double: asIs, bigint: whole, timestamp: time } },
  int64: {
    usual: long,
    readings: {
      ...{ long: exact, bigint: whole, decimal: whole, timestamp: time },
      string: ({ type }) => (type === stringType ? String : undefined),
    },
  },
  float: { usual: float, readings: { float: asIs, double: asIs } },
  double: { usual: () => double(), readings: { double: asIs } },
  enum: { usual: string, readings: { string: enumName, int: asIs } },
  'google.protobuf.Timestamp': { usual: () => timestamp(), readings: { timestamp: () => epochMs } },
}

const lineOfScalar: Readonly<Record<ScalarType, string>> = {
  [ScalarType.STRING]: 'string',
  [ScalarType.BYTES]: 'bytes',
  [ScalarType.BOOL]: 'bool',
  [ScalarType.INT32]: 'int32',
  [ScalarType.SINT32]: 'int32',
  [ScalarType.SFIXED32]: 'int32',
  [ScalarType.UINT32]: 'uint32',
  [ScalarType.FIXED32]: 'uint32',
  [ScalarType.INT64]: 'int64',
  [ScalarType.SINT64]: 'int64',
  [ScalarType.SFIXED64]: 'int64',
  [ScalarType.UINT64]: 'int64',
  [ScalarType.FIXED64]: 'int64',
  [ScalarType.FLOAT]: 'float',
  [ScalarType.DOUBLE]: 'double',
}

/** The wrappers of google/protobuf/wrappers.proto are scalars that may be missing. */
const wrapped = /^google\.protobuf\.\w+Value$/

/** The scalar of a wrapper's one field. */
export const wrappedScalar = ({ typeName, fields: [value, ...others] }: DescMessage): ScalarType | undefined =>
  wrapped.test(typeName) && others.length === 0 && value?.fieldKind === 'scalar' ? value.scalar : undefined

function lineOf({ scalar, enum: named, message }: ValueType): Line | undefined {
  if (named !== undefined) return lines.enum
  const of = message === undefined ? scalar : wrappedScalar(message)
  return lines[of === undefined ? (message?.typeName ?? '') : lineOfScalar[of]]
}

/** @returns null where the library's value is the column's, undefined where the column does not take the type */
export const scalarReading = (type: ValueType, column: Column<unknown>): Convert | null | undefined =>
  lineOf(type)?.readings[columnWord(column)]?.(column, type)

/** The column of a field whose codec says nothing of columns; undefined for a message that is no scalar. */
export const scalarColumn = (type: ValueType): Column<unknown> | undefined => lineOf(type)?.usual()

/** The columns that may be declared for a type, for messages; undefined for none. */
export function declarable(type: ValueType): string | undefined {
  const readings = lineOf(type)?.readings
  if (readings === undefined) return undefined
  // A string as a time or a decimal is seldom what is meant, and would hide what is.
  const words = readings === lines.string?.readings ? ['string'] : Object.keys(readings)
  return words.map((word) => `${word}()`).join(' or ')
}

const bufferOf = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

function enumName(column: Column<unknown>, { enum: of }: ValueType): Convert {
  const names = new Map((of?.values ?? []).map(({ number, name }) => [number, name]))
  const hold = heldBy(column)
  return (value) => {
    const name = names.get(Number(value))
    if (name === undefined) throw new WrongShape(`expected a value of ${of?.typeName}, got ${value}`)
    return column.type === stringType ? name : hold(name)
  }
}

/** A column's times are milliseconds: what is finer is cut off, towards the past. */
function epochMs(value: unknown): number {
  const { seconds, nanos } = value as { readonly seconds: bigint; readonly nanos: number }
  return inCalendar(Number(seconds) * 1000 + Math.floor(nanos / 1e6), 'second ', seconds)
}
