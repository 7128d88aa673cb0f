// The type of a column: one object for everything that depends on it, from the JSON that it is read from to the text that it
// prints as. A new type is a file beside this one and a word in decode/schema.ts; nothing else asks what type a column has,
// but for an aggregate that takes numbers only. It knows no rows, no records and no policies.

import type { Kept } from './kept-value.ts'

/** The word of a type. `window` is what `window(…)` makes; `inferred` a column of a function that was given no type. */
export type ColumnKind =
  | 'string'
  | 'double'
  | 'float'
  | 'long'
  | 'int'
  | 'short'
  | 'byte'
  | 'bigint'
  | 'decimal'
  | 'boolean'
  | 'timestamp'
  | 'date'
  | 'binary'
  | 'array'
  | 'map'
  | 'struct'
  | 'window'
  | 'inferred'

/** One column: its type, and what it has where there is no value. `Value` exists in the types only: the type of the value in a row. */
export interface Column<Value> {
  readonly type: ColumnType
  /** The word of the type. */
  readonly kind: ColumnKind
  readonly isNullable: boolean
  /** What stands for a value that is null or missing. */
  readonly defaultValue?: unknown
  /** The same column, null allowed. */
  nullable(): Column<Value | null>
  /**
   * The same column, never null: where a codec or a function gives null or nothing, it has this value.
   * @throws MicrobatchError SCHEMA_INVALID for a value that is none of the column's type
   * @example struct({ venue: string().default('XNAS') })
   */
  default(value: NonNullable<Value>): Column<NonNullable<Value>>
  readonly '~value'?: Value
}

export interface ColumnType<Value = unknown> {
  readonly kind: ColumnKind
  /** The word with its parameters, if it has any. A part of the fingerprint of kept state: one name, one form there. */
  readonly name: string
  /** Spark's name, for its messages: `BIGINT`. */
  readonly sparkName: string
  /** Whether it can be summed. */
  readonly isNumeric: boolean
  /** How it is summed where doubles cannot hold its values. */
  readonly exact?: ExactNumbers<Value>
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
  /** What to do about a value from code that looks like one of another form, in brackets for the end of a message. */
  hint?(value: unknown): string
  /** What a list or a map has in it. */
  readonly element?: Column<unknown>
  /** What an object has in it. */
  readonly fields?: ReadonlyMap<string, Column<unknown>>
  /** The type with null allowed for what is within its values; absent where there is nothing within. */
  permissive?(): ColumnType<Value>
  /** The text of a cell, as Spark's `show` writes it. @param maxLength no more of it than this is wanted */
  print(value: Value, maxLength: number): string
  /** How aggregates, keys and sorts see the values. */
  readonly domain: Domain<Value>
}

/** What a JSON text must have where a column of this type is. */
export interface JsonForm<Value> {
  /** For messages: `a number`. */
  readonly wanted: string
  /** JSON has it as text that `read` takes, so that a text of another format may mean the same. */
  readonly isText?: true
  /** A number must be whole as it is written: JSON.parse may have rounded it. */
  readonly isWhole: boolean
  /** What to declare for a value that looks like one of another form, in brackets for the end of a message. */
  hint?(value: unknown): string
  /** From what JSON.parse gives; undefined where the type is wrong. Strict: nothing is converted. */
  read(value: unknown): Value | undefined
  /**
   * In place of `read`, where JSON.parse loses what the type needs: from the value's own text in strict JSON, which JSON.parse
   * has accepted. Never null.
   */
  readWritten?(source: string): Value | undefined
  /**
   * From the value's own text, by the rules of Spark's from_json; undefined where the type is wrong. Never JSON null.
   * @param faults notes what is wrong within a value that is kept otherwise: a field of an object
   */
  readLenient(source: string, faults: Faults): Value | undefined
}

/** Whether anything of a record was wrong, and the first such field. */
export interface Faults {
  isCorrupt: boolean
  first: { readonly name: string; readonly wanted: string; readonly source: string } | null
}

/** Numbers that are summed as integers of any length. */
export interface ExactNumbers<Value> {
  /** How many of the type's smallest unit a value is. */
  unitsOf(value: Value): bigint
  readonly sum: ExactTotal
  readonly avg: ExactTotal
}

/** A sum or a mean. */
export interface ExactTotal {
  /** Spark's result type. */
  readonly type: ColumnType
  /** Whether the sum can be held on the way. */
  holds(units: bigint): boolean
  /** The result; undefined where it is beyond its type. */
  of(units: bigint, count: number): unknown
}

/** Both inclusive. */
export interface IntegerRange {
  readonly min: number
  readonly max: number
}

/**
 * An `integer` from `min` to `max`, of at most 15 digits; the strict reader decides on those that are excepted. `digits` are a number's
 * as they are written. `take` makes the type's value of what was read, and gives undefined for what the strict reader refuses.
 */
export type PlainForm =
  | { readonly kind: 'text'; readonly take?: (text: string) => unknown }
  | { readonly kind: 'double'; readonly take?: (number: number) => unknown }
  | { readonly kind: 'digits'; readonly take: (source: string) => unknown }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly except?: IntegerRange }
  | { readonly kind: 'list'; readonly of: Column<unknown> }
  | { readonly kind: 'object'; readonly columns: ReadonlyMap<string, Column<unknown>> }

/** Values that are ordered as Spark orders them, and come back bit by bit from what is kept of them. Null is in no domain. */
export interface Domain<Value> {
  /** Whether the canonical values are equal in a Map exactly where they are equal: they are text, numbers, booleans. */
  readonly isPrimitive: boolean
  /** False where Spark has no order for the type, a map or what has one in it: no keys, no extremes. */
  readonly isOrderable?: false
  /** True where a value may be of any length. */
  readonly isLong?: true
  /** Negative, zero or positive: NaN above all numbers, -0.0 = 0.0, false < true, text by its UTF-8 bytes. */
  compare(left: Value, right: Value): number
  encode(value: Value): Kept
  /** @throws MicrobatchError STATE_INCOMPATIBLE for what `encode` never gives */
  decode(encoded: unknown): Value
  /** The one value that represents all that are equal to this one: 0 for -0.0. */
  canonical(value: Value): Value
}
