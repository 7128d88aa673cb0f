// The table of column types in Parquet: the elements of its schema for each, and what its values are written as. Spark's own
// choices (ParquetSchemaConverter): lists and maps of three levels, decimals as wide as their precision, times in UTC.

import type { Column } from '../../decode/schema.ts'
import type { ColumnType } from '../../types/column-type.ts'
import { inferredType } from '../../types/inferred.ts'
import type { Decimal } from '../../types/numbers/decimal-value.ts'
import { inferredText } from '../rows/row-json.ts'

/** The part of hyparquet's own type that is used: the words of the file format. */
export interface SchemaElement {
  readonly name: string
  readonly type?: 'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY' | 'FIXED_LEN_BYTE_ARRAY'
  readonly type_length?: number
  readonly repetition_type?: 'REQUIRED' | 'OPTIONAL' | 'REPEATED'
  readonly num_children?: number
  readonly converted_type?: 'UTF8' | 'DATE' | 'DECIMAL' | 'LIST' | 'MAP' | 'TIMESTAMP_MILLIS' | 'INT_8' | 'INT_16'
  readonly logical_type?: { readonly type: 'TIMESTAMP'; readonly isAdjustedToUTC: boolean; readonly unit: 'MILLIS' }
  readonly scale?: number
  readonly precision?: number
}

interface ParquetColumn {
  /** The column and what lies under it, the outermost first. */
  readonly elements: SchemaElement[]
  /** From a value that is not null to what is written. */
  readonly convert: (value: unknown) => unknown
}

export const elementsOf = (name: string, column: Column<unknown>): ParquetColumn => optional(name, column.type)

/** Everything may be null, as in the files that Spark writes. */
function optional(name: string, type: ColumnType): ParquetColumn {
  const leaf = (given: Omit<SchemaElement, 'name'>, convert: ParquetColumn['convert'] = same): ParquetColumn => ({
    elements: [{ name, repetition_type: 'OPTIONAL', ...given }],
    convert,
  })
  switch (type.kind) {
    case 'string':
      return leaf({ type: 'BYTE_ARRAY', converted_type: 'UTF8' })
    case 'double':
      return leaf({ type: 'DOUBLE' })
    case 'float':
      return leaf({ type: 'FLOAT' })
    case 'long':
      return leaf({ type: 'INT64' }, (value) => BigInt(value as number))
    case 'bigint':
      return leaf({ type: 'INT64' })
    case 'int':
      return leaf({ type: 'INT32' })
    case 'short':
      return leaf({ type: 'INT32', converted_type: 'INT_16' })
    case 'byte':
      return leaf({ type: 'INT32', converted_type: 'INT_8' })
    case 'boolean':
      return leaf({ type: 'BOOLEAN' })
    case 'decimal':
      return leaf(decimalElement(type), (value) => (value as Decimal).unscaled)
    case 'timestamp':
      return leaf(type.name === 'timestamp_ntz' ? localTime : time, (value) => BigInt(value as number))
    case 'date':
      return leaf({ type: 'INT32', converted_type: 'DATE' }, (value) => Date.parse(`${value}T00:00:00Z`) / dayMs)
    case 'binary':
      return leaf({ type: 'BYTE_ARRAY' })
    case 'inferred':
      return leaf({ type: 'BYTE_ARRAY', converted_type: 'UTF8' }, (value) =>
        typeof value === 'string' ? value : inferredText(value),
      )
    case 'window':
      return group(name, [
        ['start', { elements: [{ name: 'start', repetition_type: 'OPTIONAL', ...time }], convert: toBigInt }],
        ['end', { elements: [{ name: 'end', repetition_type: 'OPTIONAL', ...time }], convert: toBigInt }],
      ])
    case 'struct':
      return group(
        name,
        Array.from(type.fields ?? [], ([field, column]) => [field, optional(field, column.type)] as const),
      )
    case 'array':
      return list(name, type)
    case 'map':
      return map(name, type)
  }
}

const dayMs = 86_400_000
const same = (value: unknown): unknown => value
const toBigInt = (value: unknown): bigint => BigInt(value as number)

const time = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
} as const
/** The older word would say that it is of UTC. */
const localTime = {
  type: 'INT64',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
} as const

function decimalElement({ name }: ColumnType): Omit<SchemaElement, 'name'> {
  const [, precision = 38, scale = 0] = (/^decimal\((\d+),(\d+)\)$/.exec(name) ?? []).map(Number)
  const number = { converted_type: 'DECIMAL', precision, scale } as const
  if (precision <= 9) return { type: 'INT32', ...number }
  if (precision <= 18) return { type: 'INT64', ...number }
  // The bytes that hold the precision and a sign: 38 digits are 16.
  const type_length = Math.ceil((precision * Math.log2(10) + 1) / 8)
  return { type: 'FIXED_LEN_BYTE_ARRAY', type_length, ...number }
}

function group(name: string, fields: readonly (readonly [string, ParquetColumn])[]): ParquetColumn {
  return {
    elements: [
      { name, repetition_type: 'OPTIONAL', num_children: fields.length },
      ...fields.flatMap(([, { elements }]) => elements),
    ],
    convert: (value) =>
      Object.fromEntries(
        fields.map(([field, { convert }]) => [field, nullable(convert)(Reflect.get(Object(value), field))]),
      ),
  }
}

function list(name: string, { element }: ColumnType): ParquetColumn {
  const inner = optional('element', element?.type ?? inferredType)
  return {
    elements: [
      { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...inner.elements,
    ],
    convert: (value) => (value as readonly unknown[]).map(nullable(inner.convert)),
  }
}

function map(name: string, { element }: ColumnType): ParquetColumn {
  const inner = optional('value', element?.type ?? inferredType)
  return {
    elements: [
      { name, repetition_type: 'OPTIONAL', converted_type: 'MAP', num_children: 1 },
      { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
      { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      ...inner.elements,
    ],
    convert: (value) =>
      Array.from(value as ReadonlyMap<string, unknown>, ([key, part]) => ({
        key,
        value: nullable(inner.convert)(part),
      })),
  }
}

const nullable = (convert: ParquetColumn['convert']) => (value: unknown) =>
  value === null || value === undefined ? null : convert(value)
