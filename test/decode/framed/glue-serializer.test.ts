// Bytes that AWS's own serializer wrote (software.amazon.glue:schema-registry-serde 1.1.25), with the schemas as it registered them.

import { expect, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/avro.ts'
import { protobuf } from '../../../lib/decode/protobuf/protobuf.ts'
import { double, string, struct } from '../../../lib/decode/schema.ts'
import { memoryRegistry } from '../../../lib/registry/schema-registry.ts'
import { rowOf } from '../framed-records.ts'

const Trade = struct({ symbol: string(), price: double() })
const fields = [
  { name: 'symbol', type: 'string' },
  { name: 'price', type: 'double' },
]
// The messages in the order of their names are shop.Desk, shop.Desk.Trade, shop.Zebra: Trade is 1.
const proto = `syntax = "proto3"; package shop; message Zebra { int32 n = 1; }
  message Desk { message Trade { string symbol = 1; double price = 2; } }`
const registry = memoryRegistry(
  {
    'cd7cd043-8d65-4a6c-af96-bbac06654931': {
      format: 'AVRO',
      schema: JSON.stringify({ type: 'record', name: 'Trade', fields }),
    },
    '9c6e9b37-c30b-47c3-91c7-088cd8d9ddd2': { format: 'PROTOBUF', schema: proto },
  },
  'glue',
)

test.each([
  ['Avro', avro(Trade, { registry }), '0300cd7cd0438d654a6caf96bbac06654931084141504c000000000000f83f'],
  [
    'Avro, compressed',
    avro(Trade, { registry }),
    '0305cd7cd0438d654a6caf96bbac06654931789ce370740cf06100831ff6000e47025e',
  ],
  ['Protobuf', protobuf(Trade, { registry }), '03009c6e9b37c30b47c391c7088cd8d9ddd2010a044141504c11000000000000f83f'],
])('%s is read', async (_, codec, bytes) => {
  expect({ ...(await rowOf(codec, Buffer.from(bytes, 'hex'))) }).toEqual({ symbol: 'AAPL', price: 1.5 })
})
