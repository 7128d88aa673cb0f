// How a column is read from a type of Avro: by the table where the type is a scalar, and part by part where it is an array, a map or a
// record within. Made once for each schema that a topic was written with.

import type avsc from 'avsc'
import { branchesOf, fieldsOf, partOf, underlying } from '../../registry/avro/avro-type.ts'
import { absentValue } from '../../types/column.ts'
import { at, type Convert, columnWord, listOf, mapOf, orAbsent } from '../conversions.ts'
import type { Column } from '../schema.ts'
import { WrongShape } from '../wrong-shape.ts'
import { type Reading, scalarReading } from './readings.ts'
import { refusal, unionWords, valueType } from './type-words.ts'
import type { AvroColumn, Wanted } from './wanted.ts'

/**
 * @param type the writer's, without null
 * @throws Error in words where the column does not take the type
 */
export function readingOf(wanted: Wanted, type: avsc.Type): Reading {
  const { column, element, fields, symbols } = wanted
  switch (columnWord(column)) {
    case 'array':
    case 'map': {
      const [items, word] = [partOf(type), 'itemsType' in type ? 'array' : 'map']
      if (items === undefined || element === undefined || word !== column.kind) throw new Error(refusal(type, column))
      const { convert, isWide } = partReading(element, items)
      return { convert: word === 'array' ? listOf(convert) : mapOf(convert), ...(isWide === true ? { isWide } : {}) }
    }
    case 'struct':
      if (fields === undefined || fieldsOf(type) === undefined) throw new Error(refusal(type, column))
      return recordReading(fields, type)
    default: {
      const reading = scalarReading(type, column)
      if (reading === undefined) throw new Error(refusal(type, column))
      return symbols === undefined ? reading : { ...reading, convert: symbolOf(symbols) }
    }
  }
}

/** The writer's field of a column, by its name or a former one. */
export function fieldOf({ name, aliases }: AvroColumn, type: avsc.Type) {
  const fields = fieldsOf(type) ?? []
  for (const word of [name, ...aliases]) {
    const found = fields.find((field) => field.name === word)
    if (found !== undefined) return found
  }
  return undefined
}

/** The value of the writer's type that is a part of another one, null among them. */
function partReading(wanted: Wanted, writerType: avsc.Type): Reading & { readonly convert: Convert } {
  const type = valueType(writerType)
  if (type === undefined) throw new Error(unionWords(writerType))
  const { as, convert = same, isWide } = readingOf(wanted, type.type)
  const whole = as === undefined ? convert : convertAs(as, convert, underlying(type.type).typeName)
  const settled = isConverted(wanted.column, type.isNullable) ? orAbsent(wanted.column, whole) : whole
  return { convert: settled, ...(isWide === true ? { isWide } : {}) }
}

/** A value of a part may be null, or the reading is the column's own. */
const isConverted = (column: Column<unknown>, isNullable: boolean): boolean => isNullable || column.isNullable

export const same: Convert = (value) => value

function recordReading(columns: readonly AvroColumn[], type: avsc.Type): Reading {
  let isWide: true | undefined
  const parts = columns.map((column) => {
    const field = fieldOf(column, type)
    if (field === undefined) return { column, source: '', convert: () => missingValue(column) }
    try {
      const reading = partReading(column, field.type)
      isWide ??= reading.isWide
      return { column, source: field.name, convert: at(column.name, reading.convert) }
    } catch (error) {
      throw new Error(`field ${column.name}: ${error instanceof Error ? error.message : error}`)
    }
  })
  for (const { column, source } of parts) if (source === '') missingValue(column)
  const convert: Convert = (record) => {
    const row: Record<string, unknown> = {}
    const fields = record as Readonly<Record<string, unknown>>
    for (const { column, source, convert: settle } of parts) row[column.name] = settle(fields[source])
    return row
  }
  return { convert, ...(isWide === true ? { isWide } : {}) }
}

/** @throws Error where the column must have a value */
export function missingValue({ name, missing }: AvroColumn): unknown {
  if (missing === undefined) throw new Error(`has no field ${name}`)
  return missing.value
}

/** What avsc's own promotions do between types that are read by different methods: text and bytes. Numbers stay numbers. */
export function convertAs(as: Reading['as'], convert: Convert, typeName: string): Convert {
  if (as === undefined || as === typeName) return convert
  if (as === 'bytes') return (value) => convert(Buffer.from(String(value)))
  if (as !== 'string') return convert
  return (value) => convert(value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value)
}

function symbolOf({ known, other }: NonNullable<Wanted['symbols']>): Convert {
  return (symbol) => {
    if (known.has(String(symbol))) return symbol
    if (other !== undefined) return other
    throw new WrongShape(`expected ${[...known].join(' or ')}, got ${String(symbol)}`)
  }
}

/** A value of the reader's own schema, its default, as its column has it. */
export function defaultOf(wanted: Wanted, type: avsc.Type, value: unknown): unknown {
  if (value === null) return absentValue(wanted.column) ?? null
  const [first = type] = branchesOf(type)
  const used = valueType(type)?.type ?? first
  return partReading(wanted, used).convert(value)
}
