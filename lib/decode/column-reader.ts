// One column of a parsed JSON object -> its value, checked against the column's type. Prepared once per schema, so that
// reading a row is a loop without decisions.

import type { Column } from './schema.ts'

export interface ReadColumn {
  readonly name: string
  /** What the column takes, for messages. */
  readonly wanted: string
  /** A number must be whole as it is written. */
  readonly isWhole: boolean
  /** The value; `undefined` where the field is missing or of another type. */
  read(fields: Readonly<Record<string, unknown>>): unknown
}

export const compileColumns = (columns: ReadonlyMap<string, Column<unknown>>): readonly ReadColumn[] =>
  Array.from(columns, ([name, { type, isNullable }]) => {
    const { wanted, isWhole, read } = type.json
    // Names that every object inherits (`constructor`) must not be found where the record has no such field.
    const field = name in {} ? (fields: Readonly<Record<string, unknown>>) => ownField(fields, name) : undefined
    return {
      name,
      wanted: isNullable ? `${wanted} or null` : wanted,
      isWhole,
      read(fields) {
        const value = field === undefined ? fields[name] : field(fields)
        if (isNullable && (value === undefined || value === null)) return null
        return read(value)
      },
    }
  })

const ownField = (fields: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined
