// One column of a parsed JSON object -> its value, checked against the column's type. Prepared once per schema, so that
// reading a row is a loop without decisions.

import { absentValue } from '../types/column.ts'
import type { Column } from './schema.ts'

export interface ReadColumn {
  readonly name: string
  /** What the column takes, for messages. */
  readonly wanted: string
  /** A number must be whole as it is written. */
  readonly isWhole: boolean
  /** It is read from its text: JSON.parse loses what its type needs. */
  readonly isWritten: boolean
  /** The value; `undefined` where the field is missing or of another type. */
  read(fields: Readonly<Record<string, unknown>>, sources: ReadonlyMap<string, string>): unknown
  /** What to declare for a value that is none, for the end of a message; otherwise nothing. */
  hint(value: unknown): string
}

export const compileColumns = (columns: ReadonlyMap<string, Column<unknown>>): readonly ReadColumn[] =>
  Array.from(columns, ([name, column]) => {
    const { type, isNullable } = column
    const { wanted, isWhole, read, readWritten } = type.json
    const absent = absentValue(column)
    // Names that every object inherits (`constructor`) must not be found where the record has no such field.
    const field = name in {} ? (fields: Readonly<Record<string, unknown>>) => ownField(fields, name) : undefined
    return {
      name,
      wanted: isNullable ? `${wanted} or null` : wanted,
      isWhole: isWhole && readWritten === undefined,
      isWritten: readWritten !== undefined,
      read(fields, sources) {
        const value = field === undefined ? fields[name] : field(fields)
        if (value === undefined || value === null) return absent
        return readWritten === undefined ? read(value) : readWritten(sources.get(name) ?? '')
      },
      hint: (value) => type.json.hint?.(value) ?? '',
    }
  })

const ownField = (fields: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(fields, name) ? fields[name] : undefined
