// A schema: one definition gives the TypeScript type of a row, the decoding rules of its columns and how they print.
// Column types are Spark's (lib/types has one file for each); a value that is not exact in its type is refused, never rounded.

import { MicrobatchError } from '../error.ts'
import { binaryType } from '../types/binary.ts'
import { booleanType } from '../types/boolean.ts'
import type { ColumnKind, ColumnType } from '../types/column-type.ts'
import { doubleType } from '../types/double.ts'
import { inferredType } from '../types/inferred.ts'
import { intType, longType } from '../types/integers.ts'
import { stringType } from '../types/string.ts'
import { timestampType } from '../types/timestamp.ts'
import { windowType } from '../types/window.ts'

/** One column: its type, and whether it may be null. `Value` exists in the types only: the type of the value in a row. */
export interface Column<Value> {
  readonly type: ColumnType
  /** The word of the type. */
  readonly kind: ColumnKind
  readonly isNullable: boolean
  /** The same column, null allowed. */
  nullable(): Column<Value | null>
  readonly '~value'?: Value
}

export type Columns = Readonly<Record<string, Column<unknown>>>

export interface Schema<Row> {
  /** In the order of their definition, which is the order they print in. */
  readonly columns: ReadonlyMap<string, Column<unknown>>
  readonly '~row'?: Row
}

export type RowOf<C extends Columns> = {
  readonly [Name in keyof C]: C[Name] extends Column<infer Value> ? Value : never
}

/** The row type of a schema. @example type Tick = Infer<typeof Tick> */
export type Infer<S> = S extends Schema<infer Row> ? Row : never

const column = <Value>(type: ColumnType<Value>, isNullable = false): Column<Value> => ({
  // A column is given values of its own type only.
  type: type as ColumnType,
  kind: type.kind,
  isNullable,
  nullable: () => column<Value | null>(type as ColumnType<Value | null>, true),
})

/** What `explode` makes of a list's elements; undefined where the type of the list does not say. */
export const elementColumn = ({ type: { element } }: Column<unknown>): Column<unknown> | undefined =>
  element && column(element.type as ColumnType<unknown>, element.isNullable)

/** What `window(…)` makes. */
export const windowColumn = (): Column<unknown> => column(windowType as ColumnType)

/** A column that a function made without a type. */
export const inferredColumn = (): Column<unknown> => column(inferredType, true)

/** Text. @example struct({ symbol: string(), venue: string().nullable() }) */
export const string = (): Column<string> => column(stringType)

/** A 64-bit float: every number of JavaScript. @example struct({ price: double() }) */
export const double = (): Column<number> => column(doubleType)

/** An integer from -(2^53 - 1) to 2^53 - 1, the ones that are exact in JavaScript. @example struct({ volume: long() }) */
export const long = (): Column<number> => column(longType)

/** An integer of 32 bits. @example struct({ lots: int() }) */
export const int = (): Column<number> => column(intType)

/** True or false. @example struct({ isLast: boolean() }) */
export const boolean = (): Column<boolean> => column(booleanType)

/** A time, in rows an integer of epoch milliseconds from the year 1 to 9999. @example struct({ timestamp: timestamp() }) */
export const timestamp = (): Column<number> => column(timestampType)

/** Bytes; in JSON they are base64 text. @example struct({ signature: binary() }) */
export const binary = (): Column<Buffer> => column(binaryType)

/**
 * A schema of named columns.
 *
 * @throws MicrobatchError SCHEMA_INVALID for no column, or a name that cannot be a property of a row in its place:
 *   empty, `__proto__`, or a whole number (JavaScript would move it before the others)
 * @example const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
 */
export function struct<const C extends Columns>(columns: C): Schema<RowOf<C>> {
  const entries = Object.entries(columns)
  if (entries.length === 0)
    throw new MicrobatchError('SCHEMA_INVALID', 'struct({}): a schema needs at least one column.')
  for (const [name] of entries) {
    if (name === '' || name === '__proto__' || /^(0|[1-9]\d*)$/.test(name)) {
      throw new MicrobatchError(
        'SCHEMA_INVALID',
        `struct: ${JSON.stringify(name)} cannot name a column. Give it a word.`,
      )
    }
  }
  return { columns: new Map(entries) }
}
