// One column: its type, and what it has where there is no value. A schema has columns, and so have lists, maps and objects
// inside one.

import { MicrobatchError } from '../error.ts'
import type { Column, ColumnType } from './column-type.ts'
import { valueText } from './text/value-text.ts'

export type { Column } from './column-type.ts'

/** @param defaultValue undefined: there is none */
export const column = <Value>(
  type: ColumnType<Value>,
  isNullable = false,
  defaultValue?: NonNullable<Value>,
): Column<Value> => ({
  // A column is given values of its own type only.
  type: type as ColumnType,
  kind: type.kind,
  isNullable,
  ...(defaultValue === undefined ? {} : { defaultValue }),
  nullable: () => column<Value | null>(type as ColumnType<Value | null>, true, defaultValue),
  default: (value) => column<NonNullable<Value>>(type as ColumnType<NonNullable<Value>>, false, held(type, value)),
})

function held<Value>(type: ColumnType<Value>, value: unknown): NonNullable<Value> {
  const taken = type.hold(value)
  if (taken !== undefined && taken !== null) return taken
  throw new MicrobatchError(
    'SCHEMA_INVALID',
    `default: expected ${type.wanted}, got ${valueText(value)}. Give a value of the column's type.`,
  )
}

/** The value of a column where none is given: its default, or null; undefined where it must have one. */
export const absentValue = ({ isNullable, defaultValue }: Column<unknown>): unknown =>
  defaultValue ?? (isNullable ? null : undefined)

/** A value that code has made, within another one or not: as `type.hold`, and null where the column takes it. */
export const holdIn = (given: Column<unknown>, value: unknown): unknown =>
  value === null || value === undefined ? absentValue(given) : given.type.hold(value)

/** The column with null allowed everywhere, also within its values: what a policy makes of it that puts null for what is wrong. */
export const permissive = ({ type, defaultValue }: Column<unknown>): Column<unknown> =>
  column(type.permissive?.() ?? type, true, defaultValue ?? undefined)
