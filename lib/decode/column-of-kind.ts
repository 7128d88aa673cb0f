// The columns that the codecs of other schemas make: by the word of a type. What these codecs take from the types of columns, they
// take from here.

import { binary, boolean, type Column, double, int, long, string, timestamp } from './schema.ts'

export { timestampRangeMs } from '../types/timestamp.ts'

const columns = { string, double, long, int, boolean, timestamp, binary } as const satisfies Readonly<
  Record<string, () => Column<unknown>>
>

/** The types that a value of Avro or Protobuf may have as a column. */
export type CodecKind = keyof typeof columns

/** @example columnOfKind('double', true) // double().nullable() */
export function columnOfKind(kind: CodecKind, isNullable: boolean): Column<unknown> {
  const column: Column<unknown> = columns[kind]()
  return isNullable ? column.nullable() : column
}
