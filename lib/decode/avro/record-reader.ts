// From the bytes of an Avro record to a row, compiled once for each schema that a topic was written with: avsc's resolution, from
// the writer's schema to a reader's that has the columns as its fields. What is no column is skipped, not read.

import avsc from 'avsc'
import { blockCheck } from '../../registry/avro/avro-blocks.ts'
import { type AvroTypes, exactLongs, fieldsOf, underlying } from '../../registry/avro/avro-type.ts'
import { type Decoded, decoded, malformed } from '../codec.ts'
import { at, type Convert, orAbsent } from '../conversions.ts'
import { WrongShape } from '../wrong-shape.ts'
import { convertAs, fieldOf, missingValue, readingOf, same } from './reading.ts'
import { unionWords, valueType } from './type-words.ts'
import type { AvroColumn } from './wanted.ts'

/** @param start where the record begins; it ends with the bytes */
export type ReadRecord<Row> = (bytes: Buffer, start: number) => Decoded<Row>

type LogicalType = new () => avsc.types.LogicalType

/**
 * @throws Error in words where no row can be made of what was written with this schema: a field that is missing, or of a type that
 *   its column does not take
 */
export function recordReader<Row>(columns: readonly AvroColumn[], types: AvroTypes): ReadRecord<Row> {
  const { plain, described } = types
  if (fieldsOf(described) === undefined)
    throw new Error(`is ${plain.typeName}, not a record, and a row is made of a record`)
  const logicalTypes: Record<string, LogicalType> = {}
  let isWide = false
  const fields = columns.map((column, i) => {
    const { name } = column
    const logicalType = `column-${i}`
    const field = fieldOf(column, described)
    if (field === undefined) {
      logicalTypes[logicalType] = constant(missingValue(column))
      return { name, type: { type: 'null', logicalType }, default: null }
    }
    const of = fieldType(column, field.type)
    isWide ||= of.isWide
    if (of.converted !== undefined) logicalTypes[logicalType] = of.converted
    const aliases = field.name === name ? {} : { aliases: [field.name] }
    return { name, type: of.direct ?? { type: 'bytes', logicalType }, ...aliases }
  })
  const reader = avsc.Type.forSchema({ type: 'record', name: plain.name ?? 'Row', fields } as avsc.Schema, {
    logicalTypes,
    typeHook: exactLongs,
    omitRecordMethods: true,
    assertLogicalTypes: true,
  })
  const resolver = reader.createResolver(isWide ? types.wide() : plain)
  const isWithin = blockCheck(plain)
  return (bytes, start) => {
    if (isWithin?.(bytes, start) === false)
      return malformed('NOT_AVRO', 'an array, a map or a text is longer than the value')
    try {
      const { value, offset } = reader.decode(bytes, start, resolver)
      if (offset === bytes.length) return decoded(value)
      const left = bytes.length - offset
      return malformed('NOT_AVRO', offset < 0 ? 'the value ends before its record' : `${left} bytes are left over`)
    } catch (error) {
      if (error instanceof WrongShape) return malformed('WRONG_SHAPE', error.message)
      return malformed('NOT_AVRO', error instanceof Error ? error.message : String(error))
    }
  }
}

interface FieldType {
  readonly direct?: string
  readonly converted?: LogicalType
  readonly isWide: boolean
}

/** The reader's type of a column: one of avsc's own where its values are the column's, else one that converts. */
function fieldType(column: AvroColumn, writerType: avsc.Type): FieldType {
  const type = valueType(writerType)
  try {
    if (type === undefined) throw new Error(unionWords(writerType))
    const { as, convert, isDirect, isWide = false } = readingOf(column, type.type)
    const direct = as ?? underlying(type.type).typeName
    if ((convert === undefined || isDirect === true) && !type.isNullable && isPlain.has(direct))
      return { direct, isWide }
    return { converted: converting(column, as, convert ?? same), isWide }
  } catch (error) {
    throw new Error(`field ${column.name}: ${error instanceof Error ? error.message : error}`)
  }
}

/** Types that a schema names by a word. */
const isPlain = new Set(['boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'])

/**
 * A logical type that reads what the writer wrote and converts it. avsc asks `_resolve` once for each type of a writer's union, so
 * nulls are dealt with here, too.
 */
function converting(
  { name, column }: AvroColumn,
  as: 'long' | 'double' | 'string' | 'bytes' | undefined,
  convert: Convert,
): LogicalType {
  const onNull = at(`column ${name}`, orAbsent(column, convert))
  return class extends avsc.types.LogicalType {
    protected override _resolve(type: avsc.Type): Convert {
      if (type.typeName === 'null') return () => onNull(null)
      const whole = convertAs(as, convert, type.typeName)
      return whole === same ? same : at(`column ${name}`, whole)
    }

    protected override _fromValue(value: unknown): unknown {
      return value
    }

    protected override _toValue(value: unknown): unknown {
      return value
    }
  } as unknown as LogicalType
}

/** A field that the writer does not have: always the same value. */
function constant(value: unknown): LogicalType {
  return class extends avsc.types.LogicalType {
    protected override _resolve(): undefined {
      return undefined
    }

    protected override _fromValue(): unknown {
      return value
    }

    protected override _toValue(): unknown {
      return null
    }
  } as unknown as LogicalType
}
