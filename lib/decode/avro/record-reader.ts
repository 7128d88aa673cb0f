// From the bytes of an Avro record to a row, compiled once for each schema that a topic was written with: avsc's resolution, from
// the writer's schema to a reader's that has the columns as its fields. What is no column is skipped, not read.

import avsc from 'avsc'
import { blockCheck } from '../../registry/avro-blocks.ts'
import { type AvroTypes, fieldsOf, underlying } from '../../registry/avro-type.ts'
import { type Decoded, decoded, malformed } from '../codec.ts'
import { WrongShape } from '../wrong-shape.ts'
import { type AvroColumn, refusal, unionWords, valueType } from './avro-columns.ts'
import { type Reading, readingOf } from './readings.ts'

/** @param start where the record begins; it ends with the bytes */
export type ReadRecord<Row> = (bytes: Buffer, start: number) => Decoded<Row>

/**
 * @throws Error in words where no row can be made of what was written with this schema: a field that is missing, or of a type that
 *   its column does not take
 */
export function recordReader<Row>(columns: readonly AvroColumn[], writer: AvroTypes): ReadRecord<Row> {
  const described = fieldsOf(writer.described)
  if (described === undefined)
    throw new Error(`is ${writer.plain.typeName}, not a record, and a row is made of a record`)
  const names = new Map(described.map(({ name, type }) => [name, type]))
  const logicalTypes: Record<string, new () => avsc.types.LogicalType> = {}
  const fields = columns.map((column, i) => {
    const found = [column.name, ...column.aliases].find((name) => names.has(name))
    const type = found === undefined ? undefined : names.get(found)
    const aliases = found === undefined || found === column.name ? {} : { aliases: [found] }
    if (type === undefined) {
      if (column.missing === undefined) throw new Error(`has no field ${column.name}`)
      const { value } = column.missing
      logicalTypes[`column-${i}`] = constant(value)
      return { name: column.name, type: { type: 'null', logicalType: `column-${i}` }, default: null }
    }
    const { direct, converted } = fieldType(column, type)
    if (converted !== undefined) logicalTypes[`column-${i}`] = converted
    return { name: column.name, type: direct ?? { type: 'bytes', logicalType: `column-${i}` }, ...aliases }
  })
  const reader = avsc.Type.forSchema({ type: 'record', name: writer.plain.name ?? 'Row', fields } as avsc.Schema, {
    logicalTypes,
    omitRecordMethods: true,
    assertLogicalTypes: true,
  })
  const resolver = reader.createResolver(writer.plain)
  const isWithin = blockCheck(writer.plain)
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

/** The reader's type of a column: one of avsc's own where its values are the column's, else one that converts. */
function fieldType(
  column: AvroColumn,
  writerType: avsc.Type,
): { readonly direct?: string; readonly converted?: new () => avsc.types.LogicalType } {
  const type = valueType(writerType)
  if (type === undefined) throw new Error(`field ${column.name}: ${unionWords(writerType)}`)
  const reading = readingOf(type.type, column.kind)
  if (reading === undefined) throw new Error(`field ${column.name}: ${refusal(type.type, column.kind)}`)
  const convert = converter(column, reading, type.type)
  const direct = reading.as ?? underlying(type.type).typeName
  if (convert === undefined && !type.isNullable && isPlain.has(direct)) return { direct }
  return { converted: converting(column, reading.as, convert ?? ((value) => value)) }
}

/** Types that a schema names by a word. */
const isPlain = new Set(['boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'])

function converter(
  { name, symbols }: AvroColumn,
  { convert: make }: Reading,
  type: avsc.Type,
): ((value: unknown) => unknown) | undefined {
  const convert = make?.(type) as ((value: unknown) => unknown) | undefined
  if (symbols !== undefined) {
    const { known, other } = symbols
    return (symbol) => {
      if (known.has(String(symbol))) return symbol
      if (other !== undefined) return other
      throw new WrongShape(`column ${name}: expected ${[...known].join(' or ')}, got ${String(symbol)}`)
    }
  }
  if (convert === undefined) return undefined
  return (value) => {
    try {
      return convert(value)
    } catch (error) {
      throw error instanceof WrongShape ? new WrongShape(`column ${name}: ${error.message}`) : error
    }
  }
}

/**
 * A logical type that reads what the writer wrote and converts it. avsc asks `_resolve` once for each type of a writer's union, so
 * nulls are dealt with here, too.
 */
function converting(
  column: AvroColumn,
  as: Reading['as'],
  convert: (value: unknown) => unknown,
): new () => avsc.types.LogicalType {
  const onNull = column.isNullable
    ? () => null
    : () => {
        throw new WrongShape(`column ${column.name}: expected a value, got null`)
      }
  return class extends avsc.types.LogicalType {
    protected override _resolve(type: avsc.Type): (value: unknown) => unknown {
      if (type.typeName === 'null') return onNull
      return as === undefined || as === type.typeName ? convert : convertAs(as, convert)
    }

    protected override _fromValue(value: unknown): unknown {
      return value
    }

    protected override _toValue(value: unknown): unknown {
      return value
    }
  } as unknown as new () => avsc.types.LogicalType
}

/** What avsc's own promotions do between types that are read by different methods: text and bytes. Numbers stay numbers. */
const convertAs = (as: Reading['as'], convert: (value: unknown) => unknown) => (value: unknown) => {
  if (as === 'bytes') return convert(Buffer.from(String(value)))
  return convert(as === 'string' && value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value)
}

/** A field that the writer does not have: always the same value. */
function constant(value: unknown): new () => avsc.types.LogicalType {
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
  } as unknown as new () => avsc.types.LogicalType
}
