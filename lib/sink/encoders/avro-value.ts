// `microbatch/sinks/avro`: rows as Avro records, written with a registered schema, or with one that is given. It needs avsc beside it.
// Each field of the schema is the column of its name; a column that is no field is left out.

import type avsc from 'avsc'
import { MicrobatchError, messageOf } from '../../error.ts'
import {
  type AvroSchema,
  type AvroTypes,
  avroName,
  avroTypes,
  branchesOf,
  fieldsOf,
  registeredAvro,
  scaleOf,
  underlying,
} from '../../registry/avro-type.ts'
import type { SchemaRegistry } from '../../registry/schema-registry.ts'
import { Decimal } from '../../types/numbers/decimal-value.ts'
import type { RowEncoder } from '../rows/row-encoder.ts'
import { frameHeader } from './frame-header.ts'

export interface RegisteredAvroValue {
  readonly registry: SchemaRegistry
  /** The id of the schema that the values are written with, which goes before each of them. */
  readonly schemaId: string | number
}

export interface BareAvroValue {
  /** The schema that the values are written with; they have no header. */
  readonly schema: AvroSchema
}

/**
 * @throws MicrobatchError SINK_FAILED from the sink: the registry did not answer, the schema has a field that the rows have no column
 *   for and no default, or a value is none of its field's type
 * @example kafkaSink({ topic: 'bars', connection, value: avroValue({ registry: registryFromEnvironment(process.env), schemaId: 7 }) })
 */
export function avroValue(options: RegisteredAvroValue | BareAvroValue): RowEncoder {
  let loaded: Promise<Written> | undefined
  return {
    name: 'avro',
    async encoder(columns) {
      loaded ??= load(options)
      const { types, header } = await loaded.catch((cause: unknown) => {
        loaded = undefined
        throw failure(`the schema of the values cannot be had: ${messageOf(cause)}`, cause)
      })
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
      const writers = fields
        .filter(({ name }) => columns.has(name))
        .map(({ name, type }) => [name, writer(type)] as const)
      return (row) => {
        const record: Record<string, unknown> = {}
        for (const [name, write] of writers) record[name] = write(Reflect.get(row, name))
        try {
          return Buffer.concat([header, types.plain.toBuffer(record)])
        } catch (cause) {
          throw failure(`a row is none of the schema: ${messageOf(cause)}`, cause)
        }
      }
    },
  }
}

const failure = (problem: string, cause?: unknown): MicrobatchError =>
  new MicrobatchError('SINK_FAILED', `avro: ${problem}.`, { cause })

interface Written {
  readonly types: AvroTypes
  readonly header: Buffer
}

async function load(options: RegisteredAvroValue | BareAvroValue): Promise<Written> {
  if ('schema' in options) return { types: avroTypes(options.schema), header: Buffer.alloc(0) }
  const { registry } = options
  const schemaId = String(options.schemaId)
  const header = frameHeader(registry.framing, schemaId)
  const schema = await registry.schema(schemaId)
  if (schema === null) throw new Error(`${registry.description} has no schema ${schemaId}`)
  return { types: registeredAvro(schema), header }
}

type Write = (value: unknown) => unknown

/** From a row's value to what avsc writes, of a union by its one branch that is not null. */
function writer(type: avsc.Type): Write {
  const branches = branchesOf(type).filter((branch) => avroName(branch) !== 'null')
  const [branch] = branches
  const write = branch === undefined || branches.length > 1 ? plainValue : branchWriter(branch)
  return (value) => (value === null || value === undefined ? null : write(value))
}

function branchWriter(type: avsc.Type): Write {
  const under = underlying(type)
  switch (avroName(type)) {
    case 'timestamp-micros':
    case 'local-timestamp-micros':
      return (value) => Number(value) * 1000
    case 'date':
      return (value) => (typeof value === 'string' ? Date.parse(`${value}T00:00:00Z`) / 86_400_000 : value)
    case 'decimal':
      return (value) => decimalBytes(value, scaleOf(type), 'size' in under ? Number(under.size) : undefined)
    case 'array': {
      const element = writer('itemsType' in under ? (under.itemsType as avsc.Type) : under)
      return (value) => Array.from(value as Iterable<unknown>, element)
    }
    case 'map': {
      const element = writer('valuesType' in under ? (under.valuesType as avsc.Type) : under)
      return (value) =>
        Object.fromEntries(Array.from(value as ReadonlyMap<string, unknown>, ([key, part]) => [key, element(part)]))
    }
    case 'record': {
      const fields = (fieldsOf(under) ?? []).map(({ name, type: inner }) => [name, writer(inner)] as const)
      return (value) =>
        Object.fromEntries(fields.map(([name, write]) => [name, write(Reflect.get(Object(value), name))]))
    }
    case 'string':
      return (value) => (value instanceof Decimal || typeof value === 'bigint' ? String(value) : value)
    default:
      return plainValue
  }
}

/** Exact numbers as the nearest that Avro's own types have; a 64-bit integer beyond 2^53 is refused by avsc. */
function plainValue(value: unknown): unknown {
  if (value instanceof Decimal) return value.toNumber()
  return typeof value === 'bigint' ? Number(value) : value
}

/** A whole number in two's complement, big endian, as many bytes as it takes. */
function decimalBytes(value: unknown, scale: number, size: number | undefined): Buffer {
  const given = value instanceof Decimal ? value : Decimal.of(String(value))
  const { unscaled } = given.round(scale)
  const bits = (unscaled < 0n ? -unscaled - 1n : unscaled).toString(2).length + 1
  const length = size ?? Math.ceil(bits / 8)
  return Buffer.from(
    BigInt.asUintN(length * 8, unscaled)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  )
}
