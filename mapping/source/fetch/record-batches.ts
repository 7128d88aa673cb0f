// Kafka's record batches, message format 2 (KIP-98), from the bytes of a fetch. In place of kafkajs's decoder: that one folds
// headers into an object, which loses their order and garbles keys such as `constructor`, and makes ten objects of a record.

import type { KafkaHeader, TimestampType } from '../../../lib/event/kafka-row.ts'
import { FetchedRow } from './fetched-row.ts'

export interface RecordBatch {
  readonly rows: readonly FetchedRow[]
  /** The last offset that was written: compaction may have taken its record away. */
  readonly lastOffset: number
  readonly producerId: bigint
  readonly isTransactional: boolean
  /** Whether a control batch aborts a transaction; undefined for a batch of records. */
  readonly marker: 'abort' | 'other' | undefined
}

/** The codec's number in a batch's attributes -> its decompression; undefined for one that is not known. */
export type Decompress = (codec: number, bytes: Buffer) => Promise<Buffer>

const headerBytes = 61
/** From the start of a batch to what its length field counts. */
const lengthPrefixBytes = 12

/**
 * All whole batches in the bytes; the last one may be cut off, since a fetch ends at a number of bytes.
 *
 * @throws Error for the message formats of before Kafka 0.11
 * @example const batches = await readRecordBatches(bytes, decompress)
 */
export async function readRecordBatches(bytes: Buffer, decompress: Decompress): Promise<readonly RecordBatch[]> {
  const batches: RecordBatch[] = []
  for (let start = 0; start + headerBytes <= bytes.length; ) {
    const magic = bytes.readInt8(start + 16)
    if (magic !== 2) throw new Error(`records of message format ${magic}, from before Kafka 0.11, are not read`)
    const end = start + lengthPrefixBytes + bytes.readInt32BE(start + 8)
    if (end > bytes.length) break
    batches.push(await readRecordBatch(bytes, start, end, decompress))
    start = end
  }
  return batches
}

async function readRecordBatch(
  bytes: Buffer,
  start: number,
  end: number,
  decompress: Decompress,
): Promise<RecordBatch> {
  const attributes = bytes.readInt16BE(start + 21)
  const codec = attributes & 0x07
  const isControl = (attributes & 0x20) !== 0
  const baseOffset = Number(bytes.readBigInt64BE(start))
  const count = bytes.readInt32BE(start + 57)
  const records = bytes.subarray(start + headerBytes, end)
  const rows = readRecords(codec === 0 ? records : await decompress(codec, records), count, {
    baseOffset,
    firstTimestamp: Number(bytes.readBigInt64BE(start + 27)),
    // Log-append time is the batch's own, whatever its records say.
    appendTimestamp: (attributes & 0x08) === 0 ? undefined : Number(bytes.readBigInt64BE(start + 35)),
  })
  return {
    rows: isControl ? [] : rows,
    lastOffset: baseOffset + bytes.readInt32BE(start + 23),
    producerId: bytes.readBigInt64BE(start + 43),
    isTransactional: (attributes & 0x10) !== 0,
    marker: isControl ? markerOf(rows) : undefined,
  }
}

/** A control record's key is a version and a type, of which 0 is an abort. */
function markerOf(rows: readonly FetchedRow[]): 'abort' | 'other' {
  const key = rows[0]?.key
  return key !== null && key !== undefined && key.length >= 4 && key.readInt16BE(2) === 0 ? 'abort' : 'other'
}

interface RecordBatchContext {
  readonly baseOffset: number
  readonly firstTimestamp: number
  readonly appendTimestamp: number | undefined
}

const noHeaders: readonly KafkaHeader[] = []

function readRecords(bytes: Buffer, count: number, context: RecordBatchContext): FetchedRow[] {
  const rows: FetchedRow[] = []
  const cursor = new Cursor(bytes)
  const { baseOffset, firstTimestamp, appendTimestamp } = context
  for (let index = 0; index < count; index += 1) {
    const length = cursor.varint()
    const end = cursor.at + length
    // One byte of attributes, of which none is in use.
    cursor.at += 1
    const timestampDelta = cursor.varint()
    const offset = baseOffset + cursor.varint()
    const keyLength = cursor.varint()
    const keyStart = cursor.at
    cursor.at += Math.max(0, keyLength)
    const valueLength = cursor.varint()
    const valueStart = cursor.at
    cursor.at += Math.max(0, valueLength)
    const headerCount = cursor.varint()
    const headers = headerCount <= 0 ? noHeaders : readHeaders(cursor, headerCount)
    const timestamp = appendTimestamp ?? firstTimestamp + timestampDelta
    const timestampType: TimestampType = timestamp === -1 ? -1 : appendTimestamp === undefined ? 0 : 1
    rows.push(
      new FetchedRow(bytes, offset, timestamp, timestampType, keyStart, keyLength, valueStart, valueLength, headers),
    )
    cursor.at = end
  }
  return rows
}

function readHeaders(cursor: Cursor, count: number): KafkaHeader[] {
  return Array.from({ length: count }, () => {
    const key = cursor.cut(cursor.varint())?.toString('utf8') ?? ''
    return { key, value: cursor.cut(cursor.varint()) }
  })
}

class Cursor {
  at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Zigzag, exact up to 2^53, which covers every timestamp and offset that a double can hold. */
  varint(): number {
    const bytes = this.#bytes
    let byte = bytes[this.at++]
    if (byte === undefined) throw new RangeError('a record ends before its end')
    let result = byte & 0x7f
    for (let scale = 128; byte >= 0x80; scale *= 128) {
      byte = bytes[this.at++]
      if (byte === undefined) throw new RangeError('a record ends before its end')
      result += (byte & 0x7f) * scale
    }
    return result % 2 === 0 ? result / 2 : -(result + 1) / 2
  }

  cut(length: number): Buffer | null {
    if (length < 0) return null
    const bytes = this.#bytes.subarray(this.at, this.at + length)
    this.at += length
    return bytes
  }
}
