// An Avro schema as avsc's types: of a registered text with the schemas that it names, or of one that a program has. What cannot be
// read safely is refused here, in words.

import avsc from 'avsc'
import type { RegisteredSchema, SchemaReference } from '../schema-registry.ts'
import { exactLong, isLong } from './exact-long.ts'

/** A schema as JSON has it: text, or what JSON.parse makes of it. */
export type AvroSchema = string | object

export interface AvroTypes {
  /** For decoding: logical types are what lies under them. */
  readonly plain: avsc.Type
  /** The same with bigints for longs, which avsc gives up to 2^53 only. */
  readonly wide: () => avsc.Type
  /** For looking at: a logical type is `logical:NAME`, a decimal has its scale. */
  readonly described: avsc.Type
}

/**
 * @throws Error for a text that is no Avro schema, in avsc's words
 * @example avroTypes({ type: 'record', name: 'Trade', fields: [{ name: 'symbol', type: 'string' }] }).plain.typeName // 'record'
 */
export const avroTypes = (schema: AvroSchema, references: readonly SchemaReference[] = []): AvroTypes => ({
  plain: parse(schema, references, {}, exactLongs),
  wide: () => parse(schema, references, {}, (given) => (isLong(given) ? bigLong : undefined)),
  described: parse(schema, references, marks),
})

/** The types that avsc asks for as it parses a schema. */
export const exactLongs = (given: avsc.Schema): avsc.Type | undefined => (isLong(given) ? exactLong : undefined)

/** A long as a bigint. avsc asks for the writing, too. */
const bigLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (left: bigint, right: bigint) => (left < right ? -1 : Number(left > right)),
})

/** @throws Error where the registered schema is none of Avro's, or cannot be parsed */
export function registeredAvro({ format, schema, references }: RegisteredSchema): AvroTypes {
  if (format !== 'AVRO') throw new Error(`is a schema of ${format}, not of AVRO`)
  return avroTypes(schema, references)
}

type LogicalTypes = Readonly<Record<string, new (schema: avsc.Schema, options?: unknown) => avsc.types.LogicalType>>

function parse(
  schema: AvroSchema,
  references: readonly SchemaReference[],
  logicalTypes: LogicalTypes,
  typeHook?: (schema: avsc.Schema) => avsc.Type | undefined,
): avsc.Type {
  const options = {
    registry: {},
    ...(typeHook && { typeHook }),
    logicalTypes,
    wrapUnions: 'auto',
    omitRecordMethods: true,
  } as const
  for (const reference of references) avsc.Type.forSchema(json(reference.schema), options)
  return avsc.Type.forSchema(json(schema), options)
}

/** A name alone, such as `string`, is a schema whether it stands in quotes or not. */
function json(schema: AvroSchema): avsc.Schema {
  if (typeof schema !== 'string') return schema as avsc.Schema
  try {
    return JSON.parse(schema)
  } catch (error) {
    if (/^[a-z]+$/.test(schema)) return schema as avsc.Schema
    throw error
  }
}

/** A logical type that only says which one it is. */
class Mark extends avsc.types.LogicalType {
  /** Digits in all, of a decimal. */
  readonly precision: number
  /** Digits after the point, of a decimal. */
  readonly scale: number

  constructor(schema: avsc.Schema, options?: unknown) {
    super(schema, options)
    const { precision = 0, scale = 0 }: { readonly precision?: unknown; readonly scale?: unknown } = Object(schema)
    this.precision = Number(precision)
    this.scale = Number(scale)
  }

  protected override _fromValue(value: unknown): unknown {
    return value
  }

  protected override _toValue(value: unknown): unknown {
    return value
  }

  protected override _resolve(): undefined {
    return undefined
  }
}

/** The names of Avro 1.12; one that is not here is ignored, as the specification says. */
const marks: LogicalTypes = Object.fromEntries(
  [
    ...['decimal', 'uuid', 'date', 'time-millis', 'time-micros', 'duration'],
    ...['timestamp-millis', 'timestamp-micros', 'timestamp-nanos'],
    ...['local-timestamp-millis', 'local-timestamp-micros', 'local-timestamp-nanos'],
  ].map((name) => [name, Mark]),
)

export interface AvroField {
  readonly name: string
  readonly type: avsc.Type
  /** What it was called before, in a reader's schema. */
  readonly aliases: readonly string[]
  /** Undefined where the schema has no default. */
  readonly defaultValue: () => unknown
}

/**
 * @returns undefined for what is no record
 * @example fieldsOf(described)?.map(({ name }) => name)
 */
export function fieldsOf(type: avsc.Type): readonly AvroField[] | undefined {
  return isRecord(type) ? type.fields : undefined
}

/** @example isRecord(avsc.Type.forSchema('int')) // false */
export const isRecord = (type: avsc.Type): type is avsc.types.RecordType => avsc.Type.isType(type, 'record', 'error')

const isUnion = (type: avsc.Type): type is avsc.Type & { readonly types: readonly avsc.Type[] } =>
  avsc.Type.isType(type, 'union')

/** The types of a union; any other type alone. */
export const branchesOf = (type: avsc.Type): readonly avsc.Type[] => (isUnion(type) ? type.types : [type])

/** A logical type's own name, `decimal`; avsc's name of any other, `long`. */
export const avroName = (type: avsc.Type): string => type.typeName.replace(/^(logical|abstract):/, '')

/** What lies under a logical type. */
export const underlying = (type: avsc.Type): avsc.Type => (type instanceof Mark ? type.underlyingType : type)

/** Digits after the point of a decimal. */
export const scaleOf = (type: avsc.Type): number => (type instanceof Mark ? type.scale : 0)

/** Digits in all of a decimal. */
export const precisionOf = (type: avsc.Type): number => (type instanceof Mark ? type.precision : 0)

/** What an array or a map has in it. */
export function partOf(type: avsc.Type): avsc.Type | undefined {
  const of = 'itemsType' in type ? type.itemsType : 'valuesType' in type ? type.valuesType : undefined
  return avsc.Type.isType(of) ? (of as avsc.Type) : undefined
}

/** The symbols of an enum. */
export function symbolsOf(type: avsc.Type): readonly string[] | undefined {
  return avsc.Type.isType(type, 'enum') && 'symbols' in type && Array.isArray(type.symbols) ? type.symbols : undefined
}
