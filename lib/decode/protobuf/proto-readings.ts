// The table of Protobuf's types: which column each becomes, as which others it may be read, and what its values are turned into.
// A type that is not in it is refused in words where a column wants it. A new type of columns is a line here.

import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { type CodecKind, timestampRangeMs } from '../column-of-kind.ts'
import { WrongShape } from '../wrong-shape.ts'

/** From @bufbuild/protobuf's value to the column's; left out where they are the same. */
export type Convert = (value: unknown) => unknown

export interface Reading {
  readonly column: CodecKind
  /** Made once for each field. */
  readonly convert?: (field: DescField) => Convert
}

/** The first is the column of a message that says nothing of columns. */
const lines: Readonly<Record<string, readonly Reading[]>> = {
  string: [{ column: 'string' }],
  bytes: [{ column: 'binary', convert: () => bufferOf }],
  bool: [{ column: 'boolean' }],
  int32: [{ column: 'int' }, { column: 'long' }, { column: 'double' }],
  uint32: [{ column: 'long' }, { column: 'double' }],
  int64: [
    { column: 'long', convert: () => exact },
    { column: 'string', convert: () => String },
  ],
  double: [{ column: 'double' }],
  enum: [{ column: 'string', convert: enumName }, { column: 'int' }],
  'google.protobuf.Timestamp': [{ column: 'timestamp', convert: () => epochMs }],
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
  [ScalarType.FLOAT]: 'double',
  [ScalarType.DOUBLE]: 'double',
}

/** The wrappers of google/protobuf/wrappers.proto are scalars that may be missing. */
const wrapped = /^google\.protobuf\.\w+Value$/

/** The scalar of a wrapper's one field. */
export const wrappedScalar = ({ typeName, fields: [value, ...others] }: DescMessage): ScalarType | undefined =>
  wrapped.test(typeName) && others.length === 0 && value?.fieldKind === 'scalar' ? value.scalar : undefined

function lineOf(field: DescField): readonly Reading[] {
  switch (field.fieldKind) {
    case 'scalar':
      return lines[lineOfScalar[field.scalar]] ?? []
    case 'enum':
      return lines.enum ?? []
    case 'message': {
      const scalar = wrappedScalar(field.message)
      return lines[scalar === undefined ? field.message.typeName : lineOfScalar[scalar]] ?? []
    }
    default:
      return []
  }
}

/** @param column left out: the usual one. @returns undefined where no column, or not that one, takes the field */
export const readingOf = (field: DescField, column?: string): Reading | undefined =>
  lineOf(field).find((reading) => column === undefined || reading.column === column)

/** Why a field is no column, and what to do. */
export function refusal(field: DescField, wanted?: string): string {
  const kinds = lineOf(field).map(({ column }) => `${column}()`)
  if (kinds.length > 0)
    return `it is ${typeWords(field)}, the column is ${wanted}(): declare it as ${kinds.join(' or ')}.`
  const isRecursive = field.fieldKind === 'message' && contains(field.message, field.message)
  const what = isRecursive ? 'a recursive message, which no column can hold' : typeWords(field)
  return `it is ${what}; no type of column here takes it. Leave it out: declare the other columns with struct({ … }).`
}

function typeWords(field: DescField): string {
  switch (field.fieldKind) {
    case 'scalar':
      return ScalarType[field.scalar].toLowerCase()
    case 'enum':
      return `the enum ${field.enum.typeName}`
    case 'message':
      return `a ${field.message.typeName}`
    case 'list':
      return 'repeated'
    default:
      return 'a map'
  }
}

function contains(message: DescMessage, searched: DescMessage, seen = new Set<DescMessage>()): boolean {
  if (seen.has(message)) return false
  seen.add(message)
  return message.fields.some(({ message: inner }) => inner && (inner === searched || contains(inner, searched, seen)))
}

const bufferOf = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

function exact(value: unknown): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new WrongShape(`expected an integer up to 2^53 - 1, got ${value}`)
}

function enumName(field: DescField): Convert {
  const names = new Map((field.enum?.values ?? []).map(({ number, name }) => [number, name]))
  return (value) => {
    const name = names.get(Number(value))
    if (name !== undefined) return name
    throw new WrongShape(`expected a value of ${field.enum?.typeName}, got ${value}`)
  }
}

const { min, max } = timestampRangeMs

/** A column's times are milliseconds: what is finer is cut off, towards the past. */
function epochMs(value: unknown): number {
  const { seconds, nanos } = value as { readonly seconds: bigint; readonly nanos: number }
  const time = Number(seconds) * 1000 + Math.floor(nanos / 1e6)
  if (time >= min && time <= max) return time
  throw new WrongShape(`expected a time of the years 1 to 9999, got second ${seconds}`)
}
