// The columns of an Avro codec: declared by a schema of this library, or those that the fields of an Avro schema become. The second
// have what Avro's rules of evolution need beside: former names, defaults, the symbols of an enum; also within records, arrays and maps.

import type avsc from 'avsc'
import { MicrobatchError } from '../../error.ts'
import {
  type AvroField,
  type AvroSchema,
  avroTypes,
  fieldsOf,
  partOf,
  symbolsOf,
  underlying,
} from '../../registry/avro/avro-type.ts'
import { absentValue } from '../../types/column.ts'
import { array, map } from '../columns.ts'
import { type Column, type Schema, struct } from '../schema.ts'
import { defaultOf } from './reading.ts'
import { scalarColumn } from './readings.ts'
import { isRecursive, refusal, unionWords, valueType } from './type-words.ts'
import type { AvroColumn, Wanted } from './wanted.ts'

/** The columns of a schema of this library: fields by their names. A nullable one, or one with a default, may be missing. */
export const declaredColumns = (columns: ReadonlyMap<string, Column<unknown>>): readonly AvroColumn[] =>
  Array.from(columns, ([name, column]) => {
    const value = absentValue(column)
    return { ...declared(column), name, aliases: [], missing: value === undefined ? undefined : { value } }
  })

function declared(column: Column<unknown>): Wanted {
  const { element, fields } = column.type
  return {
    column,
    ...(element && { element: declared(element) }),
    ...(fields && { fields: declaredColumns(fields) }),
  }
}

/**
 * @throws MicrobatchError SCHEMA_INVALID naming the field that no column takes
 * @example readerColumns(tradeSchema).map(({ name, column }) => …)
 */
export function readerColumns(schema: AvroSchema): readonly AvroColumn[] {
  const fields = fieldsOf(parsed(schema))
  if (fields === undefined) throw invalid('the schema is not a record, and a row is made of the fields of one.')
  return fields.map(readerColumn)
}

function readerColumn({ name, type, aliases, defaultValue }: AvroField): AvroColumn {
  try {
    const wanted = describedBy(type)
    const value = defaultValue()
    return {
      ...wanted,
      name,
      aliases,
      missing: value === undefined ? undefined : { value: defaultOf(wanted, type, value) },
    }
  } catch (error) {
    throw invalid(`field ${name}: ${error instanceof Error ? error.message.replace(/^avro: /, '') : error}`)
  }
}

/** @throws Error in words for a type that is no column */
function describedBy(given: avsc.Type): Wanted {
  const described = valueType(given)
  if (described === undefined) throw new Error(unionWords(given))
  const { type, isNullable } = described
  const settled = (column: Column<unknown>): Column<unknown> => (isNullable ? column.nullable() : column)
  const part = partOf(type)
  if (part !== undefined) {
    const element = describedBy(part)
    return { column: settled('itemsType' in type ? array(element.column) : map(element.column)), element }
  }
  const inner = fieldsOf(type)
  if (inner !== undefined) {
    if (isRecursive(type) || inner.length === 0) throw new Error(refusal(type))
    const fields = inner.map(readerColumn)
    return { column: settled(schemaOf(fields)), fields }
  }
  const column = scalarColumn(type)
  if (column === undefined) throw new Error(refusal(type))
  const known = symbolsOf(type)
  return {
    column: settled(column),
    ...(known && { symbols: { known: new Set(known), other: defaultSymbol(underlying(type)) } }),
  }
}

/** The schema of this library with those columns. */
export const schemaOf = (columns: readonly AvroColumn[]): Schema<unknown> =>
  struct(Object.fromEntries(columns.map(({ name, column }) => [name, column])))

function parsed(schema: AvroSchema): avsc.Type {
  try {
    return avroTypes(schema).described
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new MicrobatchError('SCHEMA_INVALID', `avro: the schema cannot be read: ${words}`, { cause })
  }
}

/** An enum's own default: it stands for a symbol that the reader does not know. */
function defaultSymbol(type: avsc.Type): string | undefined {
  return 'default' in type && typeof type.default === 'string' ? type.default : undefined
}

const invalid = (message: string): MicrobatchError => new MicrobatchError('SCHEMA_INVALID', `avro: ${message}`)
