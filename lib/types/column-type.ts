// The type of a column: one object for everything that depends on it, from the JSON that it is read from to the text that it
// prints as. A new type is a file beside this one and a word in decode/schema.ts; nothing else asks what type a column has,
// but for an aggregate that takes numbers only. It knows no rows, no records and no policies.

import type { Scalar } from './kept-value.ts'

/** The word of a type. `window` is what `window(…)` makes; `inferred` a column of a function that was given no type. */
export type ColumnKind =
  | 'string'
  | 'double'
  | 'long'
  | 'int'
  | 'boolean'
  | 'timestamp'
  | 'binary'
  | 'window'
  | 'inferred'

export interface ColumnType<Value = unknown> {
  readonly kind: ColumnKind
  /** The word with its parameters, if it has any. A part of the fingerprint of kept state: one name, one form there. */
  readonly name: string
  /** Spark's name, for its messages: `BIGINT`. */
  readonly sparkName: string
  /** Whether it can be summed. */
  readonly isNumeric: boolean
  readonly json: JsonForm<Value>
  /** How a text of plain JSON is read without parsing it (decode/plain-json.ts); null where there is no such reader. */
  readonly plain: PlainForm | null
  /** What a value from code must be, for messages: `an integer up to 2^53 - 1`. */
  readonly wanted: string
  /**
   * Holds a value that code has made, a function or a codec, to this type. Other forms of an exact value are taken: a Date for
   * a time, a bigint for a whole number.
   *
   * @param value anything but null and undefined, which are the column's business
   * @returns the value as rows have it; undefined where it is none of this type
   */
  hold(value: unknown): Value | undefined
  /** The reason of a dead letter for a value that is none. @default WRONG_SHAPE */
  misfit?(value: unknown): string
  /** The text of a cell, as Spark's `show` writes it. @param maxLength no more of it than this is wanted */
  print(value: Value, maxLength: number): string
  /** How aggregates, keys and sorts see the values. */
  readonly domain: Domain<Value>
  /** For a list: what its elements are. */
  readonly element?: { readonly type: ColumnType; readonly isNullable: boolean }
}

/** What a JSON text must have where a column of this type is. */
export interface JsonForm<Value> {
  /** For messages: `a number`. */
  readonly wanted: string
  /** A number must be whole as it is written: JSON.parse may have rounded it. */
  readonly isWhole: boolean
  /** From what JSON.parse gives; undefined where the type is wrong. Strict: nothing is converted. */
  read(value: unknown): Value | undefined
  /** From the value's own text, by the rules of Spark's from_json; undefined where the type is wrong. Never JSON null. */
  readLenient(source: string): Value | undefined
}

/** An `integer` from `min` to `max`, of at most 15 digits. */
export type PlainForm =
  | { readonly kind: 'text' | 'double' | 'boolean' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }

/** Values that are ordered as Spark orders them, and come back bit by bit from what is kept of them. Null is in no domain. */
export interface Domain<Value> {
  /** Whether the canonical values are equal in a Map exactly where they are equal: they are text, numbers, booleans. */
  readonly isPrimitive: boolean
  /** Negative, zero or positive: NaN above all numbers, -0.0 = 0.0, false < true, text by its UTF-8 bytes. */
  compare(left: Value, right: Value): number
  encode(value: Value): Scalar
  /** @throws MicrobatchError STATE_INCOMPATIBLE for what `encode` never gives */
  decode(encoded: unknown): Value
  /** The one value that represents all that are equal to this one: 0 for -0.0. */
  canonical(value: Value): Value
}
