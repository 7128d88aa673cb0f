// The Avro schema of a query's columns, as Spark's to_avro has it (SchemaConverters): a column that may be null is a union with null, here
// with null as its default, so that a column more is a compatible change. Pure.

import { MicrobatchError } from '../../error.ts'
import type { Column } from '../../types/column.ts'
import type { ColumnType } from '../../types/column-type.ts'
import type { OutputColumns } from '../output-columns.ts'

export interface AvroRecordName {
  /** The name of the record. */
  readonly name: string
  readonly namespace?: string
}

/**
 * @returns the schema as JSON.parse would give it
 * @throws MicrobatchError SINK_FAILED for a column without a type, or whose name is none of Avro's
 * @example toAvroSchema(batch.columns, { name: 'Bar', namespace: 'shop' })
 */
export function toAvroSchema(columns: OutputColumns, { name, namespace }: AvroRecordName): object {
  return { ...record(name, columns, name), ...(namespace === undefined ? {} : { namespace }) }
}

/** @param path names the records within, since a name is there once in a schema */
function record(name: string, columns: ReadonlyMap<string, Column<unknown>>, path: string): object {
  const fields = Array.from(columns, ([field, column]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(field)) {
      throw failure(`the column ${field} cannot be a field of Avro: letters, digits and _ only. Rename it`)
    }
    return { name: field, ...nullable(column, `${path}_${field}`, { default: null }) }
  })
  return { type: 'record', name, fields }
}

function nullable(column: Column<unknown>, path: string, whereNull: object): { readonly type: unknown } {
  const type = avroOf(column.type, path)
  return column.isNullable ? { type: ['null', type], ...whereNull } : { type }
}

function avroOf(type: ColumnType, path: string): unknown {
  switch (type.kind) {
    case 'string':
    case 'double':
    case 'float':
    case 'int':
    case 'long':
    case 'boolean':
      return type.kind
    case 'short':
    case 'byte':
      return 'int'
    case 'bigint':
      return 'long'
    case 'binary':
      return 'bytes'
    case 'date':
      return { type: 'int', logicalType: 'date' }
    case 'timestamp':
      return {
        type: 'long',
        logicalType: type.name === 'timestamp_ntz' ? 'local-timestamp-millis' : 'timestamp-millis',
      }
    case 'decimal': {
      const [, precision = 38, scale = 0] = (/^decimal\((\d+),(\d+)\)$/.exec(type.name) ?? []).map(Number)
      return { type: 'bytes', logicalType: 'decimal', precision, scale }
    }
    case 'window': {
      const time = { type: 'long', logicalType: 'timestamp-millis' }
      const fields = ['start', 'end'].map((name) => ({ name, type: time }))
      return { type: 'record', name: path, fields }
    }
    case 'array':
      return { type: 'array', items: part(type, `${path}_element`) }
    case 'map':
      return { type: 'map', values: part(type, `${path}_value`) }
    case 'struct':
      if (type.fields === undefined) throw untyped(path)
      return record(path, type.fields, path)
    case 'inferred':
      throw untyped(path)
  }
}

function part({ element }: ColumnType, path: string): unknown {
  if (element === undefined) throw untyped(path)
  return nullable(element, path, {}).type
}

const untyped = (path: string): MicrobatchError =>
  failure(`${path} has no type that a schema could say. Give withColumn a type, or avroValue a schema`)

const failure = (problem: string): MicrobatchError => new MicrobatchError('SINK_FAILED', `avro: ${problem}.`)
