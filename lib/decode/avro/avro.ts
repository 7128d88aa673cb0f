// Avro values -> typed rows: with a registry, by the schema that each value was written with; without one, by the schema that is
// given. The decoding is avsc's, an optional peer; readings.ts has the table of types.

import { MicrobatchError, messageOf } from '../../error.ts'
import { type AvroSchema, avroTypes, registeredAvro } from '../../registry/avro/avro-type.ts'
import { type Codec, malformed, typed } from '../codec.ts'
import { framedCodec, type MalformedOptions, type RegistryOptions } from '../framed/framed-codec.ts'
import type { Schema } from '../schema.ts'
import { declaredColumns, readerColumns, schemaOf } from './avro-columns.ts'
import type { AvroRow } from './avro-row.ts'
import { recordReader } from './record-reader.ts'
import type { AvroColumn } from './wanted.ts'

/** Values with the header of a registry's serializer, or out of an event whose mapping took it away. */
export interface RegisteredAvroOptions extends RegistryOptions, MalformedOptions {}

/** Values that are an Avro record and nothing else, all written with one schema. */
export interface BareAvroOptions extends MalformedOptions {
  /** The schema that the values were written with. */
  readonly schema: AvroSchema
}

/**
 * The codec of a topic of Avro records.
 *
 * Given a schema of this library, each column is the field of its name, whatever schema the value was written with; a nullable
 * column may be missing there. Given an Avro schema, that is the reader's: its fields are the columns, with Avro's rules of
 * evolution (defaults, aliases, promotions). Fields that are no column are skipped.
 *
 * @throws MicrobatchError SCHEMA_INVALID for an Avro schema that is no record, or naming the field that no column takes
 * @example stream('trades').readKafka({ topic: 'trades' }).decode(avro(Trade, { registry: confluentRegistry({ url }) }))
 * @example avro({ type: 'record', name: 'Trade', fields: [{ name: 'price', type: 'double' }] }, { registry })
 */
export function avro<Row>(schema: Schema<Row>, options: RegisteredAvroOptions | BareAvroOptions): Codec<Row>
export function avro<const S extends AvroSchema>(
  schema: S,
  options?: RegisteredAvroOptions | MalformedOptions,
): Codec<AvroRow<S>>
export function avro(
  schema: Schema<unknown> | AvroSchema,
  options: RegisteredAvroOptions | BareAvroOptions | MalformedOptions = {},
): Codec<unknown> {
  const isDeclared = typeof schema === 'object' && 'columns' in schema && schema.columns instanceof Map
  const { rows, columns } = isDeclared ? declared(schema as Schema<unknown>) : described(schema as AvroSchema)
  if ('registry' in options) {
    return framedCodec({ schema: rows, options, compile: (written) => recordReader(columns, registeredAvro(written)) })
  }
  const written = 'schema' in options ? options.schema : isDeclared ? undefined : (schema as AvroSchema)
  if (written === undefined) {
    const problem = 'avro: columns alone do not say how the values were written.'
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Give a registry, or the Avro schema: { schema: … }.`)
  }
  return bareAvro(rows, columns, written, options)
}

const declared = (rows: Schema<unknown>) => ({ rows, columns: declaredColumns(rows.columns) })

function described(schema: AvroSchema): { readonly rows: Schema<unknown>; readonly columns: readonly AvroColumn[] } {
  const columns = readerColumns(schema)
  return { rows: schemaOf(columns), columns }
}

function bareAvro(
  schema: Schema<unknown>,
  columns: readonly AvroColumn[],
  written: AvroSchema,
  { malformed: policy = 'deadLetter' }: MalformedOptions,
): Codec<unknown> {
  const read = compiled(columns, written)
  return typed({
    schema,
    malformed: policy,
    decode({ value }) {
      if (value === null) return malformed('TOMBSTONE', 'the record has no value')
      const decoded = read(value, 0)
      if (decoded.kind === 'row' || value[0] !== 0) return decoded
      return malformed(decoded.reason, `${decoded.detail} (it begins with a zero: is there a header, for a registry?)`)
    },
  })
}

function compiled(columns: readonly AvroColumn[], written: AvroSchema) {
  try {
    return recordReader(columns, avroTypes(written))
  } catch (cause) {
    throw new MicrobatchError('SCHEMA_INVALID', `avro: the schema of the values ${messageOf(cause)}`, { cause })
  }
}
