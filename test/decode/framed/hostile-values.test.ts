// Whatever bytes come, a codec gives a row or a reason, and never throws.

import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import { avro } from '../../../lib/decode/avro/avro.ts'
import { jsonSchema } from '../../../lib/decode/json-schema/json-schema.ts'
import { protobuf } from '../../../lib/decode/protobuf/protobuf.ts'
import { binary, double, long, string, struct, timestamp } from '../../../lib/decode/schema.ts'
import { memoryRegistry } from '../../../lib/registry/schema-registry.ts'
import { decodeOne, framed } from '../framed-records.ts'

const columns = {
  symbol: string(),
  price: double().nullable(),
  volume: long(),
  at: timestamp().nullable(),
  raw: binary().nullable(),
}
const Row = struct(columns)
const avroSchema = {
  type: 'record',
  name: 'Row',
  fields: [
    { name: 'symbol', type: 'string' },
    { name: 'price', type: ['null', 'double'] },
    { name: 'volume', type: 'long' },
    { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
    { name: 'raw', type: ['null', 'bytes'] },
    { name: 'tree', type: ['null', 'Row'] },
  ],
}
const proto = `syntax = "proto3"; import "google/protobuf/timestamp.proto"; message Row { string symbol = 1; optional double price = 2;
  int64 volume = 3; google.protobuf.Timestamp at = 4; bytes raw = 5; repeated Row tree = 6; map<string, Row> named = 7; }`
const registry = memoryRegistry({
  1: { format: 'AVRO', schema: JSON.stringify(avroSchema) },
  2: { format: 'PROTOBUF', schema: proto },
  3: { format: 'JSON', schema: '{"type":"object"}' },
})
const codecs = {
  1: avro(Row, { registry }),
  2: protobuf(Row, { registry }),
  3: jsonSchema(Row, { registry }),
}

/** Bytes that look like those of a format more often than chance has them. */
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(fc.constantFrom(0, 1, 2, 8, 10, 17, 24, 34, 42, 50, 58, 127, 128, 255), { maxLength: 60 })
    .map((bytes) => new Uint8Array(bytes)),
  fc.json().map((text) => Buffer.from(text)),
)

property.prop([fc.constantFrom(1 as const, 2 as const, 3 as const), fc.boolean(), payload], { numRuns: 3000 })(
  'a value is a row of its columns, or bad for a reason',
  async (id, hasPlace, bytes) => {
    const decoded = await decodeOne(codecs[id], framed(id, hasPlace ? Buffer.of(0) : Buffer.alloc(0), bytes))
    if (decoded.kind === 'row') expect(Object.keys(decoded.row)).toEqual(Object.keys(columns))
    else expect(decoded.reason).toMatch(/^[A-Z_0-9]+$/)
  },
)
