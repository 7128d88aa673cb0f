// One column of a parsed JSON object -> its value, checked against the column's type. Prepared once per schema, so that
// reading a row is a loop without decisions.

import { strictBase64 } from './base64.ts'
import { type Column, type ColumnKind, timestampRangeMs } from './schema.ts'

export interface ReadColumn {
  readonly name: string
  /** What the column takes, for messages. */
  readonly wanted: string
  readonly isInteger: boolean
  /** The value; `undefined` where the field is missing or of another type. */
  read(fields: Readonly<Record<string, unknown>>): unknown
}

const { min, max } = timestampRangeMs

const isInt32 = (value: number): boolean => value === (value | 0)

const checks: Readonly<Record<ColumnKind, { wanted: string; check: (value: unknown) => unknown }>> = {
  string: { wanted: 'a string', check: (value) => (typeof value === 'string' ? value : undefined) },
  double: { wanted: 'a number', check: (value) => (typeof value === 'number' ? value : undefined) },
  long: {
    wanted: 'an integer up to 2^53 - 1',
    check: (value) => (Number.isSafeInteger(value) ? value : undefined),
  },
  int: {
    wanted: 'a 32-bit integer',
    check: (value) => (typeof value === 'number' && isInt32(value) ? value : undefined),
  },
  boolean: { wanted: 'true or false', check: (value) => (typeof value === 'boolean' ? value : undefined) },
  timestamp: {
    wanted: 'integer epoch milliseconds of the years 1 to 9999',
    check: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
  },
  binary: { wanted: 'base64 text', check: (value) => (typeof value === 'string' ? strictBase64(value) : undefined) },
}

export const compileColumns = (columns: ReadonlyMap<string, Column<unknown>>): readonly ReadColumn[] =>
  Array.from(columns, ([name, { kind, isNullable }]) => {
    const { wanted, check } = checks[kind]
    // Names that every object inherits (`constructor`) must not be found where the record has no such field.
    const field = name in {} ? (fields: Readonly<Record<string, unknown>>) => ownField(fields, name) : undefined
    return {
      name,
      wanted: isNullable ? `${wanted} or null` : wanted,
      isInteger: kind === 'long' || kind === 'int' || kind === 'timestamp',
      read(fields) {
        const value = field === undefined ? fields[name] : field(fields)
        if (isNullable && (value === undefined || value === null)) return null
        return check(value)
      },
    }
  })

const ownField = (fields: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined
