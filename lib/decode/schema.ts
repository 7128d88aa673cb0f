// A schema: one definition gives the TypeScript type of a row, the decoding rules of its columns and how they print.
// Column types are Spark's; a value that is not exact in its type is refused when decoded, never rounded.

import { MicrobatchError } from '../error.ts'

/**
 * `string` text; `double` a 64-bit float; `long` and `int` integers (a `long` up to 2^53 - 1, an `int` 32 bits);
 * `boolean`; `timestamp` integer epoch milliseconds, Kafka's own resolution; `binary` bytes.
 */
export type ColumnKind = 'string' | 'double' | 'long' | 'int' | 'boolean' | 'timestamp' | 'binary'

interface ValueOfKind {
  string: string
  double: number
  long: number
  int: number
  boolean: boolean
  timestamp: number
  binary: Buffer
}

/** The values of a `timestamp` column: the years 0001 to 9999, as Spark's; a window around one still is a date to JavaScript. */
export const timestampRangeMs = { min: -62_135_596_800_000, max: 253_402_300_799_999 } as const

/** The type of one column. `Value` exists in the types only: the type of the value in a row. */
export interface Column<Value> {
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

const column = <Kind extends ColumnKind, Value = ValueOfKind[Kind]>(
  kind: Kind,
  isNullable: boolean,
): Column<Value> => ({
  kind,
  isNullable,
  nullable: () => column<Kind, Value | null>(kind, true),
})

/** The column of a kind, nulls allowed: for columns that no schema describes. */
export const columnOf = (kind: ColumnKind): Column<unknown> => column(kind, true)

/** Text. @example struct({ symbol: string(), venue: string().nullable() }) */
export const string = (): Column<string> => column('string', false)

/** A 64-bit float: every number of JavaScript. @example struct({ price: double() }) */
export const double = (): Column<number> => column('double', false)

/** An integer from -(2^53 - 1) to 2^53 - 1, the ones that are exact in JavaScript. @example struct({ volume: long() }) */
export const long = (): Column<number> => column('long', false)

/** An integer of 32 bits. @example struct({ lots: int() }) */
export const int = (): Column<number> => column('int', false)

/** True or false. @example struct({ isLast: boolean() }) */
export const boolean = (): Column<boolean> => column('boolean', false)

/** A time, in rows an integer of epoch milliseconds from the year 1 to 9999. @example struct({ timestamp: timestamp() }) */
export const timestamp = (): Column<number> => column('timestamp', false)

/** Bytes; in JSON they are base64 text. @example struct({ signature: binary() }) */
export const binary = (): Column<Buffer> => column('binary', false)

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
