// What a codec of Avro wants of a record: its columns, with what the rules of evolution need where they are a reader's schema.

import type { Column } from '../schema.ts'

/** What a reader wants of a value. */
export interface Wanted {
  readonly column: Column<unknown>
  /** What an enum of the reader's may be, and what stands for any other; undefined for no enum. */
  readonly symbols?: { readonly known: ReadonlySet<string>; readonly other: string | undefined }
  /** The elements of an array, or the values of a map. */
  readonly element?: Wanted
  /** The fields of a record. */
  readonly fields?: readonly AvroColumn[]
}

/** A column of the row, or of a record within it. */
export interface AvroColumn extends Wanted {
  readonly name: string
  readonly aliases: readonly string[]
  /** The value where the writer's schema has no such field; undefined where that is an error. */
  readonly missing: { readonly value: unknown } | undefined
}
