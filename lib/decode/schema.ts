// A schema: one definition gives the TypeScript type of a row, the decoding rules of its columns and how they print.
// Column types are Spark's (lib/types has one file for each); a value that is not exact in its type is refused, never rounded.

import { MicrobatchError } from '../error.ts'
import { binaryType } from '../types/binary.ts'
import { booleanType } from '../types/boolean.ts'
import { type Column, column } from '../types/column.ts'
import type { ColumnType } from '../types/column-type.ts'
import { doubleFromText, doubleType } from '../types/double.ts'
import type { Flat } from '../types/flat.ts'
import { inferredType } from '../types/inferred.ts'
import { intType, longType } from '../types/integers.ts'
import { structType } from '../types/nested/struct.ts'
import { stringType } from '../types/string.ts'
import { valueText } from '../types/text/value-text.ts'
import { type TimestampUnit, timestampOf } from '../types/times/timestamp-unit.ts'
import { timestampType } from '../types/timestamp.ts'
import { windowType } from '../types/window.ts'

export type { Column } from '../types/column.ts'

export type Columns = Readonly<Record<string, Column<unknown>>>

/** The columns of a row, and a column itself where an object is a value: `struct({ of: struct({ … }) })`. */
export interface Schema<Row> extends Column<Row> {
  /** In the order of their definition, which is the order they print in. */
  readonly columns: ReadonlyMap<string, Column<unknown>>
  readonly '~row'?: Row
}

export type RowOf<C extends Columns> = {
  readonly [Name in keyof C]: C[Name] extends Column<infer Value> ? Value : never
}

/** The row type of a schema. @example type Tick = Infer<typeof Tick> */
export type Infer<S> = S extends Schema<infer Row> ? Row : never

/** What `explode` makes of a list's elements; undefined where the type of the list does not say. */
export const elementColumn = ({ kind, type: { element } }: Column<unknown>): Column<unknown> | undefined =>
  kind === 'array' ? element : undefined

/** What `window(…)` makes. */
export const windowColumn = (): Column<unknown> => column(windowType as ColumnType)

/** A column that a function made without a type. */
export const inferredColumn = (): Column<unknown> => column(inferredType, true)

/** Text. @example struct({ symbol: string(), venue: string().nullable() }) */
export const string = (): Column<string> => column(stringType)

/**
 * A 64-bit float: every number of JavaScript.
 * @param from `text`: JSON has it as text, `"19.99"`
 * @example struct({ price: double() })
 */
export const double = ({ from = 'number' }: { readonly from?: 'number' | 'text' } = {}): Column<number> =>
  column(from === 'text' ? doubleFromText() : doubleType)

/** An integer from -(2^53 - 1) to 2^53 - 1, the ones that are exact in JavaScript. @example struct({ volume: long() }) */
export const long = (): Column<number> => column(longType)

/** An integer of 32 bits. @example struct({ lots: int() }) */
export const int = (): Column<number> => column(intType)

/** True or false. @example struct({ isLast: boolean() }) */
export const boolean = (): Column<boolean> => column(booleanType)

export interface TimestampOptions {
  /**
   * What JSON has: a number of seconds (with a fraction or not), milliseconds or microseconds since 1970, or a text of ISO 8601.
   * Undeclared it is milliseconds, but not such as are seconds of this century by their looks; under the policies `null` and
   * `fail` it is what Spark's from_json takes: ISO text, and whole numbers as seconds, or as milliseconds beyond the year 9999.
   */
  readonly unit?: TimestampUnit
  /** The zone of texts that name none, with `unit: 'iso'` or a pattern: `+02:00`, `Europe/Paris`. @default 'UTC' */
  readonly zone?: string
  /**
   * The form of texts, in Java's letters, in place of ISO 8601: `dd.MM.yyyy HH:mm[:ss]`. It is read as Spark's timestampFormat:
   * strictly, digit by digit.
   */
  readonly pattern?: string
}

/**
 * A time, in rows an integer of epoch milliseconds from the year 1 to 9999; what JSON has beyond milliseconds is cut off.
 *
 * @throws MicrobatchError SCHEMA_INVALID for a unit, a zone or a pattern that there is not
 * @example struct({ timestamp: timestamp() })
 * @example struct({ at: timestamp({ unit: 'iso', zone: 'Europe/Paris' }) })
 * @example struct({ at: timestamp({ pattern: 'dd/MMM/yyyy:HH:mm:ss Z' }) })
 */
export const timestamp = ({ unit, zone, pattern }: TimestampOptions = {}): Column<number> =>
  column(
    unit === undefined && zone === undefined && pattern === undefined
      ? timestampType
      : timestampOf(unit ?? 'iso', zone, pattern),
  )

/** Bytes; in JSON they are base64 text. @example struct({ signature: binary() }) */
export const binary = (): Column<Buffer> => column(binaryType)

/**
 * A schema of named columns; within another one, the column of an object with these fields.
 *
 * @throws MicrobatchError SCHEMA_INVALID for no column, or a name that cannot be a property of a row in its place:
 *   empty, `__proto__`, or a whole number (JavaScript would move it before the others)
 * @example const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
 * @example struct({ id: string(), buyer: struct({ name: string() }).nullable() })
 */
export function struct<const C extends Columns>(columns: C): Schema<Flat<RowOf<C>>> {
  if (typeof columns !== 'object' || columns === null) {
    throw new MicrobatchError('SCHEMA_INVALID', `struct: expected columns by their names, got ${valueText(columns)}.`)
  }
  const entries = Object.entries(columns)
  if (entries.length === 0)
    throw new MicrobatchError('SCHEMA_INVALID', 'struct({}): a schema needs at least one column.')
  const stranger = entries.find(([, given]) => typeof given !== 'object' || given === null || !('type' in given))
  if (stranger !== undefined) {
    const [name, given] = stranger
    const problem = `struct: \`${name}\` is ${valueText(given)}, and no column.`
    throw new MicrobatchError('SCHEMA_INVALID', `${problem} Give it a type: { ${name}: string() }.`)
  }
  for (const [name] of entries) {
    if (name === '' || name === '__proto__' || /^(0|[1-9]\d*)$/.test(name)) {
      throw new MicrobatchError(
        'SCHEMA_INVALID',
        `struct: ${JSON.stringify(name)} cannot name a column. Give it a word.`,
      )
    }
  }
  const named = new Map<string, Column<unknown>>(entries)
  return { ...column(structType(named) as ColumnType<Flat<RowOf<C>>>), columns: named }
}

/** For callers whose types are not checked. @param call as the message shows it @throws MicrobatchError SCHEMA_INVALID */
export function requireSchema(given: unknown, call: string): void {
  if (typeof given === 'object' && given !== null && 'columns' in given && given.columns instanceof Map) return
  throw new MicrobatchError(
    'SCHEMA_INVALID',
    `${call}: expected a schema, got ${valueText(given)}. Define one: struct({ symbol: string(), price: double() }).`,
  )
}
