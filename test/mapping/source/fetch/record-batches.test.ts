import { createRequire } from 'node:module'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import * as shared from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../../lib/event/encode.ts'
import type { KafkaHeader } from '../../../../lib/event/kafka-row.ts'
import { bytesOf, eventOf } from '../../../../mapping/batch/event-payload.ts'
import { decompress } from '../../../../mapping/source/fetch/codec/decompress.ts'
import { ExpansionError } from '../../../../mapping/source/fetch/codec/output.ts'
import { crc32c } from '../../../../mapping/source/fetch/crc32c.ts'
import { FetchedBatch } from '../../../../mapping/source/fetch/fetched-batch.ts'
import { FetchedRow } from '../../../../mapping/source/fetch/fetched-row.ts'
import { OversizedRow } from '../../../../mapping/source/fetch/oversized-row.ts'
import { type RecordBatch, readRecordBatches } from '../../../../mapping/source/fetch/record-batches.ts'
import { Kafka } from '../../../../mapping/source/kafkajs.ts'

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
  readonly headers: readonly KafkaHeader[]
}

function recordBytes({ timestampDelta, offsetDelta, key, value, headers }: Parts): Buffer {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(timestampDelta),
    varint(offsetDelta),
    sized(key),
    sized(value),
    varint(headers.length),
    ...headers.flatMap((header) => [sized(Buffer.from(header.key)), sized(header.value)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

interface BatchParts {
  readonly baseOffset?: number
  readonly lastOffsetDelta?: number
  readonly attributes?: number
  readonly producerId?: number
}

/** A record batch as KIP-98 lays it out. */
function batchBytes(records: readonly Parts[], more: BatchParts = {}): Buffer {
  const { baseOffset = 100, attributes = 0, producerId = -1 } = more
  const plain = Buffer.concat(records.map(recordBytes))
  const body = (attributes & 7) === 1 ? gzipSync(plain) : plain
  const header = Buffer.alloc(61)
  header.writeBigInt64BE(BigInt(baseOffset), 0)
  header.writeInt32BE(61 - 12 + body.length, 8)
  header.writeInt8(2, 16)
  header.writeInt16BE(attributes, 21)
  header.writeInt32BE(more.lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? 0, 23)
  header.writeBigInt64BE(1_700_000_000_000n, 27)
  header.writeBigInt64BE(1_700_000_009_999n, 35)
  header.writeBigInt64BE(BigInt(producerId), 43)
  header.writeInt32BE(records.length, 57)
  return sealed(Buffer.concat([header, body]))
}

/** With the checksum of what is in it now. */
function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  return batch
}

const read = (bytes: Buffer) => readRecordBatches(bytes, async (_codec, compressed) => gunzipSync(compressed))
const aRecord = (offsetDelta: number, more: Partial<Parts> = {}): Parts => ({
  ...{ timestampDelta: 0, offsetDelta, key: null, value: Buffer.from(`v${offsetDelta}`), headers: [] },
  ...more,
})

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)))
const parts: fc.Arbitrary<Parts> = fc.record({
  timestampDelta: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
  offsetDelta: fc.nat(2 ** 30),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ key: fc.constantFrom('b', 'a', '7', 'constructor', '__proto__', ''), value: bytes })),
})

test('records are read as they were written, compressed or not: headers in their order, repeated keys, null bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 8 }), fc.constantFrom(0, 1), async (records, codec) => {
      const [batch] = await read(batchBytes(records, { attributes: codec }))
      const rows = (batch?.rows ?? []).map(({ offset, timestamp, timestampType, key, value, headers }) => ({
        ...{ offset, timestamp, timestampType, key, value, headers },
      }))
      expect(rows).toEqual(
        records.map(({ timestampDelta, offsetDelta, key, value, headers }) => ({
          offset: 100 + offsetDelta,
          timestamp: 1_700_000_000_000 + timestampDelta,
          ...{ timestampType: 0, key, value, headers },
        })),
      )
    }),
  )
})

test('a detached record is the same record, and keeps nothing of what was fetched with it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 4 }), async (records) => {
      const fetched = batchBytes(records)
      const [batch] = await read(fetched)
      // The text is compared, since the row's own bytes are overwritten below.
      const whole = (row: FetchedRow) => JSON.stringify([row.wire(), row.key, row.value, row.headers])
      for (const row of batch?.rows ?? []) {
        if (!(row instanceof FetchedRow)) throw new TypeError('not a record')
        const before = whole(row)
        const alone = row.detached()
        expect(whole(alone)).toEqual(before)
        // What it came from may be overwritten.
        fetched.fill(0)
        expect(whole(alone)).toEqual(before)
        batchBytes(records).copy(fetched)
      }
    }),
  )
})

test("an event is the same as lib's, whatever is in the records and in whatever order partitions come", async () => {
  const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { maxLength: 8 }), fc.array(fc.nat(2)), async (records, partitions) => {
      const [batch] = await read(batchBytes(records))
      const rows = batch?.rows ?? []
      for (const [index, row] of rows.entries()) {
        row.topic = 'ticks'
        row.partition = partitions[index % Math.max(1, partitions.length)] ?? 0
      }
      const expected = JSON.stringify(encodeKafkaEvent(origin, rows))
      expect(JSON.stringify(eventOf(origin, rows))).toBe(expected)
      expect(bytesOf(origin, rows).toString('utf8')).toBe(expected)
    }),
  )
})

test("log-append time is the batch's own, not the record's", async () => {
  const [batch] = await read(batchBytes([aRecord(0, { timestampDelta: 5 })], { attributes: 0x08 }))
  expect(batch?.rows).toMatchObject([{ timestamp: 1_700_000_009_999, timestampType: 1 }])
})

test('a record without a time has -1, and the type of its batch, as in Kafka’s own consumer', async () => {
  const [batch] = await read(batchBytes([aRecord(0, { timestampDelta: -1_700_000_000_001 })]))
  expect(batch?.rows).toMatchObject([{ timestamp: -1, timestampType: 0 }])
})

test('a batch that the fetch cut off is left for the next one', async () => {
  const whole = batchBytes([aRecord(0), aRecord(1)])
  for (const length of [1, 60, 61, whole.length - 1])
    expect(await read(Buffer.concat([whole, whole.subarray(0, length)]))).toHaveLength(1)
})

test('a message format of before Kafka 0.11 is said, not misread', async () => {
  const old = batchBytes([aRecord(0)])
  old.writeInt8(1, 16)
  await expect(read(old)).rejects.toThrow('message format 1')
})

describe('what is damaged', () => {
  test.each([
    ['a flipped bit', (batch: Buffer) => batch.writeUInt8(batch.readUInt8(67) ^ 1, 67), /checksum is \d+, not \d+/],
    ['a negative length', (batch: Buffer) => batch.writeInt32BE(-12, 8), /it says it has 0 bytes/],
    ['a length below its header', (batch: Buffer) => batch.writeInt32BE(10, 8), /it says it has 22 bytes/],
  ])('%s is said with the offset of its batch', async (_what, damage, expected) => {
    const batch = batchBytes([aRecord(0)])
    damage(batch)
    await expect(read(batch)).rejects.toThrow(expected)
    await expect(read(batch)).rejects.toThrow('the record batch at offset 100 is damaged')
  })

  test.each([
    ['a record that ends behind its batch', 61, 0x7e, 'record 0 of 1 has 63 bytes'],
    ['a record of a negative length', 61, 0x01, 'record 0 of 1 has -1 bytes'],
    ['a key that ends behind its record', 65, 0x7e, 'the key of record 0 is longer than the record'],
    ['a value that ends behind its record', 66, 0x7e, 'the value of record 0 is longer than the record'],
    ['more headers than there is room for', 69, 0x7e, 'record 0 has 63 headers'],
    ['fewer records than bytes', 60, 0x00, '9 bytes follow its 0 records'],
    ['more records than bytes', 60, 0x02, 'a record ends before its end'],
    ['a negative count', 57, 0xff, 'it has -16777215 records'],
  ])('%s is no record, though its checksum is right', async (_what, at, byte, expected) => {
    const batch = batchBytes([aRecord(0)])
    batch.writeUInt8(byte, at)
    await expect(read(sealed(batch))).rejects.toThrow(expected)
  })

  test('any bytes end in batches or in an error, and never in a loop', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 3 }), fc.nat(), fc.nat(255), async (records, where, byte) => {
        const batch = batchBytes(records)
        batch.writeUInt8(byte, where % batch.length)
        for (const bytes of [batch, sealed(Buffer.from(batch))]) await read(bytes).catch(() => undefined)
      }),
    )
  })
})

describe('what expands to too much', () => {
  test.each([
    ['gzip', 1, gzipSync(Buffer.alloc(5_000_000))],
    ['zstd', 4, zstdCompressSync(Buffer.alloc(5_000_000))],
  ])('%s ends at the bound', async (_name, codec, packed) => {
    await expect(decompress(codec, packed, 1_000_000)).rejects.toThrow(ExpansionError)
    expect(await decompress(codec, packed, 5_000_000)).toHaveLength(5_000_000)
  })

  test('the batch is its offsets alone, and the next one is read', async () => {
    const bomb = batchBytes([aRecord(0), aRecord(1)], { attributes: 1, lastOffsetDelta: 4 })
    const expanding = async () => {
      throw new ExpansionError(1)
    }
    const batches = await readRecordBatches(Buffer.concat([bomb, batchBytes([aRecord(5)])]), expanding)
    expect(batches[0]?.rows).toEqual([new OversizedRow(100, 104, 1_700_000_009_999, 2)])
    expect(batches[0]?.lastOffset).toBe(104)
    expect(batches[1]?.rows).toMatchObject([{ offset: 105 }])
  })

  test('batches behind a great deal of bytes wait for the next fetch', async () => {
    const batch = batchBytes([aRecord(0, { value: Buffer.alloc(1_000) })], { attributes: 1 })
    const bytes = Buffer.concat([batch, batch, batch, batch])
    const most = await readRecordBatches(bytes, async (_codec, packed) => gunzipSync(packed), 1_500)
    expect(most).toHaveLength(2)
  })
})

test('the checksum is that of RFC 3720, of any part of any bytes', () => {
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(crc32c(Buffer.from('--123456789'), 2)).toBe(0xe3069283)
})

describe('a fetch', () => {
  const fetched = (
    messages: readonly RecordBatch[],
    more: Partial<ConstructorParameters<typeof FetchedBatch>[2]> = {},
  ) =>
    new FetchedBatch('ticks', '100', {
      ...{ partition: 3, highWatermark: '500', abortedTransactions: [], messages },
      ...more,
    })
  const offsets = (batch: FetchedBatch) => batch.messages.map(({ offset }) => offset)

  test('begins at the offset that was asked for, also in the middle of a batch', async () => {
    const batch = fetched(await read(batchBytes([aRecord(0), aRecord(1), aRecord(2)], { baseOffset: 98 })))
    expect(batch.messages).toMatchObject([{ topic: 'ticks', partition: 3, offset: 100 }])
    expect(batch.lastOffset()).toBe('100')
  })

  test('goes on behind what compaction took away, in one step', async () => {
    const tail = fetched(await read(batchBytes([aRecord(0)], { lastOffsetDelta: 49 })))
    expect(offsets(tail)).toEqual([100])
    expect(tail.lastOffset()).toBe('149')
    const empty = fetched(await read(batchBytes([], { lastOffsetDelta: 49 })))
    expect(empty.isEmptyDueToFiltering()).toBe(true)
    expect(empty.lastOffset()).toBe('149')
  })

  test('does not show aborted transactions and markers, and shows the same producer after its abort', async () => {
    const transactional = { attributes: 0x10, producerId: 7 }
    const marker = (type: number, baseOffset: number) =>
      batchBytes([aRecord(0, { key: Buffer.from([0, 0, 0, type]) })], { attributes: 0x30, producerId: 7, baseOffset })
    const messages = await read(
      Buffer.concat([
        batchBytes([aRecord(0), aRecord(1)], { ...transactional, baseOffset: 100 }),
        batchBytes([aRecord(0)], { baseOffset: 102 }),
        marker(0, 103),
        batchBytes([aRecord(0)], { ...transactional, baseOffset: 104 }),
        marker(1, 105),
      ]),
    )
    const batch = fetched(messages, { abortedTransactions: [{ producerId: '7', firstOffset: '100' }] })
    expect(offsets(batch)).toEqual([102, 104])
    expect(batch.lastOffset()).toBe('105')
  })

  test('of nothing is empty', () => {
    const batch = fetched([])
    expect([batch.isEmpty(), batch.isEmptyIncludingFiltered(), batch.isEmptyDueToFiltering()]).toEqual([
      true,
      true,
      false,
    ])
  })
})

test('the copy is private: kafkajs as others import it is another one', () => {
  expect(Kafka).not.toBe(shared.Kafka)
  const require = createRequire(import.meta.url)
  expect(require('kafkajs/src/consumer/batch.js')).not.toBe(FetchedBatch)
})
