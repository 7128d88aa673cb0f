// The fast way from bytes to a row: JSON as serialisers write it, the fields of the schema in its order and plain ones of no
// column between them, no white space but Python's blank after a colon or comma, no escapes, plain numbers. Whatever is
// otherwise is not read here but by json.ts, which stays the definition: this reader gives a row only where json.ts gives the
// same one (a differential fuzz holds the two together), and undefined for everything else.

import { absentValue } from '../types/column.ts'
import type { PlainForm } from '../types/column-type.ts'
import {
  blank,
  closeBrace,
  closeBracket,
  colon,
  comma,
  cursor,
  openBrace,
  openBracket,
  quote,
  skip,
  skipByte,
} from './plain-cursor.ts'
import {
  isUnusualInText,
  type ReadValue,
  readBoolean,
  readDigits,
  readDouble,
  readIntegerIn,
  readNumberText,
  readString,
  taken,
  unusual,
  wordFalse,
  wordNull,
  wordTrue,
} from './plain-values.ts'
import type { Column } from './schema.ts'

/** @returns the row, or undefined where it must be read the slow way */
export type PlainReader = (value: Buffer) => Record<string, unknown> | undefined

type Columns = ReadonlyMap<string, Column<unknown>>

/**
 * Makes the reader of a schema.
 * @returns undefined where no such reader can be made: a column's name needs escapes, or its type has no plain form
 */
export function compilePlainJson(columns: Columns): PlainReader | undefined {
  const read = objectReader(columns)
  if (read === undefined) return undefined
  return (bytes) => {
    cursor.bytes = bytes
    cursor.at = 0
    cursor.end = bytes.length
    const row = read()
    return row === unusual || cursor.at !== cursor.end ? undefined : (row as Record<string, unknown>)
  }
}

interface Field {
  readonly name: string
  /** `"name":` */
  readonly key: Uint8Array
  readonly read: ReadValue
}

/** The object at the cursor. */
function objectReader(columns: Columns): ReadValue | undefined {
  const fields = Array.from(columns, ([name, column]) => fieldOf(name, column))
  const known = fields.filter((field) => field !== undefined)
  if (known.length !== fields.length) return undefined
  return () => {
    if (!skipByte(openBrace)) return unusual
    const row: Record<string, unknown> = {}
    // In the order of the schema, as a serialiser that knows it writes them: rows get one shape, and columns their order.
    let next = 0
    for (;;) {
      const field = known[next]
      if (field !== undefined && skip(field.key)) {
        skipByte(blank)
        const value = field.read()
        if (value === unusual) return unusual
        row[field.name] = value
        next += 1
      } else if (!skipOther(columns)) return unusual
      if (!skipByte(comma)) break
      skipByte(blank)
    }
    return skipByte(closeBrace) && next === known.length ? row : unusual
  }
}

function fieldOf(name: string, column: Column<unknown>): Field | undefined {
  const read = valueReader(column)
  if (read === undefined || !/^[ !#-[\]-~]+$/.test(name)) return undefined
  return { name, key: Buffer.from(`"${name}":`), read }
}

/** A value of the column, null among them where it has one for that. */
function valueReader(column: Column<unknown>): ReadValue | undefined {
  const form = column.type.plain
  const read = form === null ? undefined : readerOf(form)
  const absent = absentValue(column)
  return read === undefined || absent === undefined ? read : () => (skip(wordNull) ? absent : read())
}

function readerOf(form: PlainForm): ReadValue | undefined {
  switch (form.kind) {
    case 'text':
      return form.take === undefined ? readString : taken(readString, form.take)
    case 'double':
      return form.take === undefined ? readDouble : taken(readDouble, form.take)
    case 'digits':
      return taken(readNumberText, form.take)
    case 'boolean':
      return readBoolean
    case 'integer':
      return readIntegerIn(form, form.except)
    case 'list': {
      const read = valueReader(form.of)
      return read && listReader(read)
    }
    case 'object':
      return objectReader(form.columns)
  }
}

const listReader =
  (read: ReadValue): ReadValue =>
  () => {
    if (!skipByte(openBracket)) return unusual
    const list: unknown[] = []
    if (skipByte(closeBracket)) return list
    for (;;) {
      const value = read()
      if (value === unusual) return unusual
      list.push(value)
      if (!skipByte(comma)) break
      skipByte(blank)
    }
    return skipByte(closeBracket) ? list : unusual
  }

/** Goes past a field that no column names, with a plain value: json.ts, too, reads it and leaves it out. */
function skipOther(columns: ReadonlyMap<string, unknown>): boolean {
  const name = readString()
  // A column's name out of order, or for the second time, is for json.ts.
  if (typeof name !== 'string' || columns.has(name) || !skipByte(colon)) return false
  skipByte(blank)
  if (cursor.bytes[cursor.at] === quote) return skipText()
  return skip(wordNull) || skip(wordTrue) || skip(wordFalse) || !Number.isNaN(readDigits())
}

function skipText(): boolean {
  const { bytes, end } = cursor
  for (let at = cursor.at + 1; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === quote) {
      cursor.at = at + 1
      return true
    }
    if (isUnusualInText(byte)) return false
  }
  return false
}
