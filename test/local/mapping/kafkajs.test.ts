import { createRequire } from 'node:module'
import fc from 'fast-check'
import * as shared from 'kafkajs'
import { expect, test } from 'vitest'
import { type BatchContext, type ByteReader, decodeRecord, Kafka } from '../../../local/mapping/kafkajs.ts'

const require = createRequire(import.meta.url)
const Decoder: new (bytes: Buffer) => ByteReader = require('kafkajs/src/protocol/decoder.js')

/** Kafka's zigzag varint, for values up to 2^53. */
function varint(value: number): Buffer {
  let rest = (BigInt(value) << 1n) ^ (BigInt(value) >> 63n)
  const bytes: number[] = []
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return Buffer.from([...bytes, Number(rest)])
}

const sized = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes])

interface Parts {
  readonly timestampDelta: number
  readonly offsetDelta: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ReadonlyArray<{ readonly key: string; readonly value: Buffer | null }>
}

const encoded = ({ timestampDelta, offsetDelta, key, value, headers }: Parts): Buffer =>
  Buffer.concat([
    Buffer.from([0]),
    varint(timestampDelta),
    varint(offsetDelta),
    sized(key),
    sized(value),
    varint(headers.length),
    ...headers.flatMap((header) => [sized(Buffer.from(header.key)), sized(header.value)]),
  ])

const context: BatchContext = {
  firstOffset: '100',
  firstTimestamp: '1700000000000',
  maxTimestamp: '1700000009999',
  magicByte: 2,
  isControlBatch: false,
  timestampType: 0,
}

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)))
const parts: fc.Arbitrary<Parts> = fc.record({
  timestampDelta: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
  offsetDelta: fc.nat(2 ** 30),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ key: fc.constantFrom('b', 'a', '7', 'constructor', '__proto__', ''), value: bytes })),
})

test('a record is read as it was written: headers in their order, repeated keys, null bytes', () => {
  fc.assert(
    fc.property(parts, (record) => {
      const decoded = decodeRecord(new Decoder(encoded(record)), context)
      expect(decoded.headerList).toEqual(record.headers)
      expect(decoded.key).toEqual(record.key)
      expect(decoded.value).toEqual(record.value)
      expect(decoded.timestampMs).toBe(1_700_000_000_000 + record.timestampDelta)
      expect(decoded.offset).toBe(String(100 + record.offsetDelta))
    }),
  )
})

test("log-append time is the batch's own, not the record's", () => {
  const record = encoded({ timestampDelta: 5, offsetDelta: 0, key: null, value: null, headers: [] })
  const decoded = decodeRecord(new Decoder(record), { ...context, timestampType: 1 })
  expect(decoded).toMatchObject({ timestampMs: 1_700_000_009_999, timestampType: 1 })
})

test('the copy is private: kafkajs as others import it is another one', () => {
  expect(Kafka).not.toBe(shared.Kafka)
  const original: unknown = require('kafkajs/src/protocol/recordBatch/record/v0/decoder.js')
  expect(original).not.toBe(decodeRecord)
})
