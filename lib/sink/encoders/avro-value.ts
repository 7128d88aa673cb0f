// `microbatch/sinks/avro`: rows as Avro records, written with a registered schema, or with one that is given. It needs avsc beside it.
// Each field of the schema is the column of its name; a column that is no field is left out.

import { MicrobatchError, messageOf } from '../../error.ts'
import {
  type AvroSchema,
  type AvroTypes,
  avroName,
  avroTypes,
  branchesOf,
  fieldsOf,
  registeredAvro,
} from '../../registry/avro/avro-type.ts'
import type { SchemaRegistry } from '../../registry/schema-registry.ts'
import type { OutputColumns } from '../output-columns.ts'
import type { EncodedPart, RowEncoder } from '../rows/row-encoder.ts'
import { type AvroRecordName, toAvroSchema } from './avro-schema.ts'
import { tooWide, writer } from './avro-writer.ts'
import { frameHeader } from './frame-header.ts'
import { type SubjectOptions, subjectOf, subjectSchema } from './subject-schema.ts'

export { type AvroRecordName, toAvroSchema } from './avro-schema.ts'
export type { SubjectOptions } from './subject-schema.ts'

export interface RegisteredAvroValue {
  readonly registry: SchemaRegistry
  /** The id of the schema that the values are written with, which goes before each of them. */
  readonly schemaId: string | number
}

/** With the schema of a subject: the latest, or this one, which must be there, or is registered; without one, that of the columns. */
export interface SubjectAvroValue extends SubjectOptions {
  /** @default with `register`: made of the columns of the rows. Without: the latest of the subject */
  readonly schema?: AvroSchema
  /** The name of the record that is made of the columns. @default `{ name: 'Row' }` for values, `Key` for keys */
  readonly record?: AvroRecordName
}

export interface BareAvroValue {
  /** The schema that the values are written with; they have no header. */
  readonly schema: AvroSchema
}

/**
 * A registry is asked at the first batch, and its answer is kept.
 *
 * @throws MicrobatchError SINK_FAILED from the sink: the registry did not answer, or has or takes no such schema; the schema has a field
 *   that the rows have no column for and no default, or a value is none of its field's type
 * @example kafkaSink({ topic: 'bars', connection, value: avroValue({ registry: registryFromEnvironment(process.env), register: true }) })
 */
export function avroValue(options: RegisteredAvroValue | SubjectAvroValue | BareAvroValue): RowEncoder {
  const loaded = new Map<string, Promise<Written>>()
  /** Once for each schema; what failed is tried again at the next batch. */
  async function written(columns: OutputColumns, of: EncodedPart | undefined): Promise<Written> {
    const given = givenSchema(options, columns, of)
    const name = JSON.stringify([given, of])
    const loading = loaded.get(name) ?? load(options, given, of)
    loaded.set(name, loading)
    return loading.catch((cause: unknown) => {
      loaded.delete(name)
      throw failure(`the schema of the ${of?.part ?? 'value'}s cannot be had: ${messageOf(cause)}`, cause)
    })
  }
  return {
    name: 'avro',
    async encoder(columns, of) {
      const { types, header } = await written(columns, of)
      const fields = fieldsOf(types.described)
      if (fields === undefined) throw failure('the schema of the values is no record')
      const without = fields.find(({ name, type, defaultValue }) => {
        const hasDefault =
          defaultValue() !== undefined || branchesOf(type).some((branch) => avroName(branch) === 'null')
        return !columns.has(name) && !hasDefault
      })
      if (without !== undefined) {
        throw failure(`the schema has a field ${without.name}, and the rows have ${[...columns.keys()].join(', ')}`)
      }
      const named = fields.filter(({ name }) => columns.has(name))
      const writersOf = (isWide: boolean) => named.map(({ name, type }) => [name, writer(type, isWide)] as const)
      const [plain, wide] = [writersOf(false), writersOf(true)]
      let wideType: ReturnType<typeof types.wide> | undefined
      const bytes = (row: object, isWide: boolean): Buffer => {
        const record: Record<string, unknown> = {}
        for (const [name, write] of isWide ? wide : plain) record[name] = write(Reflect.get(row, name))
        if (!isWide) return types.plain.toBuffer(record)
        wideType ??= types.wide()
        return wideType.toBuffer(record)
      }
      return (row) => {
        try {
          return Buffer.concat([header, inPlainOrWide((isWide) => bytes(row, isWide))])
        } catch (cause) {
          throw failure(`a row is none of the schema: ${messageOf(cause)}`, cause)
        }
      }
    },
  }
}

/** The plain form is several times as fast, and takes almost every row. */
function inPlainOrWide(write: (isWide: boolean) => Buffer): Buffer {
  try {
    return write(false)
  } catch (error) {
    if (error === tooWide) return write(true)
    throw error
  }
}

const failure = (problem: string, cause?: unknown): MicrobatchError =>
  new MicrobatchError('SINK_FAILED', `avro: ${problem}.`, { cause })

interface Written {
  readonly types: AvroTypes
  readonly header: Buffer
}

/** @returns undefined where the registry says which schema it is */
function givenSchema(
  options: RegisteredAvroValue | SubjectAvroValue | BareAvroValue,
  columns: OutputColumns,
  of: EncodedPart | undefined,
): AvroSchema | undefined {
  if ('schemaId' in options) return undefined
  if (options.schema !== undefined || !('registry' in options)) return options.schema
  const { register = false, record = { name: of?.part === 'key' ? 'Key' : 'Row' } } = options
  return register ? toAvroSchema(columns, record) : undefined
}

async function load(
  options: RegisteredAvroValue | SubjectAvroValue | BareAvroValue,
  given: AvroSchema | undefined,
  of: EncodedPart | undefined,
): Promise<Written> {
  if ('schemaId' in options) {
    const { registry } = options
    const schemaId = String(options.schemaId)
    const header = frameHeader(registry.framing, schemaId)
    const schema = await registry.schema(schemaId)
    if (schema === null) throw new Error(`${registry.description} has no schema ${schemaId}`)
    return { types: registeredAvro(schema), header }
  }
  if (!('registry' in options)) return { types: avroTypes(options.schema), header: Buffer.alloc(0) }
  const text = typeof given === 'object' ? JSON.stringify(given) : given
  const wanted = text === undefined ? undefined : ({ format: 'AVRO', schema: text } as const)
  const { id, schema } = await subjectSchema(options, subjectOf(options, of), wanted)
  return { types: registeredAvro(schema), header: frameHeader(options.registry.framing, id) }
}
