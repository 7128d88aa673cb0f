// Kafka's record batches, message format 2 (KIP-98), from the bytes of a fetch. In place of kafkajs's decoder: that one folds
// headers into an object, which loses their order and garbles keys such as `constructor`, and makes ten objects of a record.

import type { KafkaHeader, TimestampType } from '../../../lib/event/kafka-row.ts'
import { messageOf } from '../../error.ts'
import { maxExpandedFetchBytes } from '../../settings/limits.ts'
import { ExpansionError } from './codec/output.ts'
import { crc32c } from './crc32c.ts'
import { FetchedRow } from './fetched-row.ts'
import { OversizedRow } from './oversized-row.ts'

export interface RecordBatch {
  readonly rows: readonly ReadRow[]
  /** The last offset that was written: compaction may have taken its record away. */
  readonly lastOffset: number
  readonly producerId: bigint
  readonly isTransactional: boolean
  /** Whether a control batch aborts a transaction; undefined for a batch of records. */
  readonly marker: 'abort' | 'other' | undefined
}

/** A record, or what stands for those of a batch that is too large to be read. */
export type ReadRow = FetchedRow | OversizedRow

/** The codec's number in a batch's attributes -> its decompression; ExpansionError where that is too much. */
export type Decompress = (codec: number, bytes: Buffer) => Promise<Buffer>

const headerBytes = 61
/** From the start of a batch to what its length field counts. */
const lengthPrefixBytes = 12
/** The checksum covers what follows it. */
const checksummedFrom = 21

/**
 * All whole batches in the bytes; the last one may be cut off, since a fetch ends at a number of bytes. Where they expand to more
 * than `maxExpandedBytes`, the later ones are left for another fetch.
 *
 * @throws Error for the message formats of before Kafka 0.11, and for a batch that is damaged, with its offset
 * @example const batches = await readRecordBatches(bytes, decompress)
 */
export async function readRecordBatches(
  bytes: Buffer,
  decompress: Decompress,
  maxExpandedBytes = maxExpandedFetchBytes,
): Promise<readonly RecordBatch[]> {
  const batches: RecordBatch[] = []
  let expandedBytes = 0
  for (let start = 0; start + headerBytes <= bytes.length && expandedBytes <= maxExpandedBytes; ) {
    const magic = bytes.readInt8(start + 16)
    if (magic !== 2) throw new Error(`records of message format ${magic}, from before Kafka 0.11, are not read`)
    const end = start + lengthPrefixBytes + bytes.readInt32BE(start + 8)
    if (end < start + headerBytes) throw damaged(bytes, start, `it says it has ${end - start} bytes`)
    if (end > bytes.length) break
    const { batch, recordBytes } = await readRecordBatch(bytes, start, end, decompress)
    batches.push(batch)
    expandedBytes += recordBytes
    start = end
  }
  return batches
}

const damaged = (bytes: Buffer, start: number, why: string, cause?: unknown): Error =>
  new Error(`the record batch at offset ${bytes.readBigInt64BE(start)} is damaged: ${why}`, { cause })

interface SizedBatch {
  readonly batch: RecordBatch
  /** The bytes of its records, when they are not compressed. */
  readonly recordBytes: number
}

async function readRecordBatch(bytes: Buffer, start: number, end: number, decompress: Decompress): Promise<SizedBatch> {
  const [stated, computed] = [bytes.readUInt32BE(start + 17), crc32c(bytes, start + checksummedFrom, end)]
  if (stated !== computed) throw damaged(bytes, start, `its checksum is ${computed}, not ${stated}`)
  const attributes = bytes.readInt16BE(start + 21)
  const codec = attributes & 0x07
  const isControl = (attributes & 0x20) !== 0
  const baseOffset = Number(bytes.readBigInt64BE(start))
  const lastOffset = baseOffset + bytes.readInt32BE(start + 23)
  const count = bytes.readInt32BE(start + 57)
  const maxTimestamp = Number(bytes.readBigInt64BE(start + 35))
  const packed = bytes.subarray(start + headerBytes, end)
  let rows: readonly ReadRow[]
  let recordBytes = 0
  try {
    const records = codec === 0 ? packed : await decompress(codec, packed)
    recordBytes = records.length
    rows = readRecords(records, count, {
      baseOffset,
      firstTimestamp: Number(bytes.readBigInt64BE(start + 27)),
      // Log-append time is the batch's own, whatever its records say.
      appendTimestamp: (attributes & 0x08) === 0 ? undefined : maxTimestamp,
    })
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw damaged(bytes, start, messageOf(error), error)
    rows = [new OversizedRow(baseOffset, lastOffset, maxTimestamp, count)]
  }
  const batch = {
    rows: isControl ? [] : rows,
    lastOffset,
    producerId: bytes.readBigInt64BE(start + 43),
    isTransactional: (attributes & 0x10) !== 0,
    marker: isControl ? markerOf(rows) : undefined,
  }
  return { batch, recordBytes }
}

/** A control record's key is a version and a type, of which 0 is an abort. */
function markerOf(rows: readonly ReadRow[]): 'abort' | 'other' {
  const key = rows[0]?.key
  return key !== null && key !== undefined && key.length >= 4 && key.readInt16BE(2) === 0 ? 'abort' : 'other'
}

interface RecordBatchContext {
  readonly baseOffset: number
  readonly firstTimestamp: number
  readonly appendTimestamp: number | undefined
}

const noHeaders: readonly KafkaHeader[] = []

/** @throws RangeError where a length does not fit, as Kafka's own DefaultRecord has it */
function readRecords(bytes: Buffer, count: number, context: RecordBatchContext): FetchedRow[] {
  const rows: FetchedRow[] = []
  const cursor = new Cursor(bytes)
  const { baseOffset, firstTimestamp, appendTimestamp } = context
  if (count < 0) throw new RangeError(`it has ${count} records`)
  for (let index = 0; index < count; index += 1) {
    const length = cursor.varint()
    const end = cursor.at + length
    if (length < 0 || end > bytes.length) throw new RangeError(`record ${index} of ${count} has ${length} bytes`)
    // One byte of attributes, of which none is in use.
    cursor.at += 1
    const timestampDelta = cursor.varint()
    const offset = baseOffset + cursor.varint()
    const keyLength = cursor.varint()
    const keyStart = cursor.at
    cursor.at += Math.max(0, keyLength)
    if (cursor.at > end) throw new RangeError(`the key of record ${index} is longer than the record`)
    const valueLength = cursor.varint()
    const valueStart = cursor.at
    cursor.at += Math.max(0, valueLength)
    if (cursor.at > end) throw new RangeError(`the value of record ${index} is longer than the record`)
    const headerCount = cursor.varint()
    // A header takes two bytes at least.
    if (headerCount < 0 || headerCount * 2 > end - cursor.at)
      throw new RangeError(`record ${index} has ${headerCount} headers`)
    const headers = headerCount === 0 ? noHeaders : readHeaders(cursor, headerCount, end)
    if (cursor.at !== end) throw new RangeError(`record ${index} has ${end - cursor.at} bytes more than it says`)
    const timestamp = appendTimestamp ?? firstTimestamp + timestampDelta
    // A record without a time has -1, and the type of its batch all the same, as in Kafka's own consumer (DefaultRecordBatch).
    const timestampType: TimestampType = appendTimestamp === undefined ? 0 : 1
    rows.push(
      new FetchedRow(bytes, offset, timestamp, timestampType, keyStart, keyLength, valueStart, valueLength, headers),
    )
  }
  if (cursor.at !== bytes.length) throw new RangeError(`${bytes.length - cursor.at} bytes follow its ${count} records`)
  return rows
}

function readHeaders(cursor: Cursor, count: number, end: number): KafkaHeader[] {
  return Array.from({ length: count }, () => {
    const key = cursor.cut(cursor.varint(), end)
    if (key === null) throw new RangeError('a header has no key')
    return { key: key.toString('utf8'), value: cursor.cut(cursor.varint(), end) }
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

  cut(length: number, end: number): Buffer | null {
    if (length < 0) return null
    if (this.at + length > end) throw new RangeError('a header is longer than its record')
    const bytes = this.#bytes.subarray(this.at, this.at + length)
    this.at += length
    return bytes
  }
}
