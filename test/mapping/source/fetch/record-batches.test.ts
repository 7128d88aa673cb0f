import { createRequire } from 'node:module'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import * as shared from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../../lib/event/encode.ts'
import type { KafkaHeader } from '../../../../lib/event/kafka-row.ts'
import { eventOf, textOf } from '../../../../mapping/batch/event-payload.ts'
import { FetchedBatch } from '../../../../mapping/source/fetch/fetched-batch.ts'
import type { FetchedRow } from '../../../../mapping/source/fetch/fetched-row.ts'
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

/** A record batch as KIP-98 lays it out; the checksum, which nobody looks at, is 0. */
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
  return Buffer.concat([header, body])
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
      // As text: the row's own bytes are overwritten below.
      const whole = (row: FetchedRow) => JSON.stringify([row.wire(), row.key, row.value, row.headers])
      for (const row of batch?.rows ?? []) {
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
      expect(textOf(origin, rows)).toBe(expected)
    }),
  )
})

test("log-append time is the batch's own, not the record's", async () => {
  const [batch] = await read(batchBytes([aRecord(0, { timestampDelta: 5 })], { attributes: 0x08 }))
  expect(batch?.rows).toMatchObject([{ timestamp: 1_700_000_009_999, timestampType: 1 }])
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
