// Records as registries' serializers write them, and the registries in memory that know their schemas, for tests of the mapping.

import avsc from 'avsc'
import protobufjs from 'protobufjs'
import { memoryRegistry, type SchemaRegistry } from '../../../lib/registry/schema-registry.ts'
import type { SchemaRegistrySettings } from '../../../mapping/registry/schema-registry-config.ts'
import { framed } from '../../decode/framed-records.ts'

const tradeSchema = {
  type: 'record',
  name: 'Trade',
  fields: [
    { name: 'symbol', type: 'string' },
    { name: 'price', type: ['null', 'double'] },
    { name: 'raw', type: 'bytes' },
  ],
}
const tradeType = avsc.Type.forSchema(tradeSchema as never)
const proto =
  'syntax = "proto3"; message Beat { int64 at = 1; } message Trade { string symbol = 1; double unit_price = 2; }'
const protoType = protobufjs.parse(proto, new protobufjs.Root(), { keepCase: true }).root.lookupType('Trade')
const jsonSchema = { type: 'object', properties: { price: { type: 'number' } } }

/** Schema 1 is Avro's, 2 Protobuf's, 3 a JSON Schema, 4 none that can be read. */
export const registry: SchemaRegistry = memoryRegistry({
  1: { format: 'AVRO', schema: JSON.stringify(tradeSchema) },
  2: { format: 'PROTOBUF', schema: proto },
  3: { format: 'JSON', schema: JSON.stringify(jsonSchema) },
  4: { format: 'AVRO', schema: '{"type":"nothing"}' },
})

export const avroBytes = (symbol: string, price: number | null = 1.5): Buffer =>
  tradeType.toBuffer({ symbol, price, raw: Buffer.from([255]) })
export const avroValue = (symbol: string, price?: number | null): Buffer => framed(1, avroBytes(symbol, price))
/** With the place of the second message of the file before it. */
export const protoBytes = (symbol: string): Buffer =>
  Buffer.concat([Buffer.of(2, 2), protoType.encode({ symbol, unit_price: 1.5 }).finish()])
export const protoValue = (symbol: string): Buffer => framed(2, protoBytes(symbol))
export const jsonValue = (value: unknown): Buffer => framed(3, Buffer.from(JSON.stringify(value)))

export const settings = (
  format: 'JSON' | 'SOURCE',
  ...attributes: readonly ('KEY' | 'VALUE')[]
): SchemaRegistrySettings => ({ uri: 'http://localhost:8081', isGlue: false, format, attributes: new Set(attributes) })
