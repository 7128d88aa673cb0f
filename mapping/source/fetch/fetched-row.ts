// A record as it lies in the bytes of a fetch: key and value are cut out only when somebody asks, and base64 is written from
// where they lie. At half a million records a second, two buffers less for each are a third of the garbage.

import { encodeRecord } from '../../../lib/event/encode.ts'
import type { WireRecord } from '../../../lib/event/kafka-event.ts'
import type { KafkaHeader, KafkaRow, TimestampType } from '../../../lib/event/kafka-row.ts'
import type { PayloadWriter } from '../../batch/payload-writer.ts'

const timestampTypeNames = { 0: 'CREATE_TIME', 1: 'LOG_APPEND_TIME', [-1]: 'NO_TIMESTAMP_TYPE' } as const

/** In an event, between the timestamp and the key. */
const beforeKey = {
  0: ',"timestampType":"CREATE_TIME"',
  1: ',"timestampType":"LOG_APPEND_TIME"',
  [-1]: ',"timestampType":"NO_TIMESTAMP_TYPE"',
} as const

export class FetchedRow implements KafkaRow {
  /** Set once, when the partition of the fetch is known. */
  topic = ''
  partition = 0
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: TimestampType
  readonly headers: readonly KafkaHeader[]
  /** In bytes; -1 is null, as in Kafka's protocol. */
  readonly keyLength: number
  readonly valueLength: number
  readonly #bytes: Buffer
  readonly #keyStart: number
  readonly #valueStart: number

  constructor(
    bytes: Buffer,
    offset: number,
    timestamp: number,
    timestampType: TimestampType,
    keyStart: number,
    keyLength: number,
    valueStart: number,
    valueLength: number,
    headers: readonly KafkaHeader[],
  ) {
    this.#bytes = bytes
    this.offset = offset
    this.timestamp = timestamp
    this.timestampType = timestampType
    this.#keyStart = keyStart
    this.keyLength = keyLength
    this.#valueStart = valueStart
    this.valueLength = valueLength
    this.headers = headers
  }

  get key(): Buffer | null {
    return this.keyLength < 0 ? null : this.#bytes.subarray(this.#keyStart, this.#keyStart + this.keyLength)
  }

  get value(): Buffer | null {
    return this.valueLength < 0 ? null : this.#bytes.subarray(this.#valueStart, this.#valueStart + this.valueLength)
  }

  /** The same record with a copy of its bytes alone: what else was fetched with it can be let go. */
  detached(): FetchedRow {
    const { key, value, offset, timestamp, timestampType } = this
    const keyBytes = key ?? Buffer.alloc(0)
    const bytes = Buffer.concat([keyBytes, value ?? Buffer.alloc(0)])
    const headers = this.headers.map((header) => ({ ...header, value: header.value && Buffer.from(header.value) }))
    const starts = [0, this.keyLength, keyBytes.length, this.valueLength] as const
    const row = new FetchedRow(bytes, offset, timestamp, timestampType, ...starts, headers)
    row.topic = this.topic
    row.partition = this.partition
    return row
  }

  /** The same as lib's encodeRecord, by test. */
  wire(): WireRecord {
    // The one shape that a stream of a million records has; the others are lib's own.
    if (this.valueLength < 0 || this.headers.length > 0) return encodeRecord(this)
    const value = this.#bytes.toString('base64', this.#valueStart, this.#valueStart + this.valueLength)
    const { topic, partition, offset, timestamp } = this
    const timestampType = timestampTypeNames[this.timestampType]
    if (this.keyLength < 0) return { topic, partition, offset, timestamp, timestampType, value, headers: [] }
    const key = this.#bytes.toString('base64', this.#keyStart, this.#keyStart + this.keyLength)
    return { topic, partition, offset, timestamp, timestampType, key, value, headers: [] }
  }

  /** Writes `JSON.stringify(wire())`, by test. @param head what precedes the offset: topic and partition */
  write(out: PayloadWriter, head: string): void {
    if (this.valueLength < 0 || this.headers.length > 0) {
      out.text(JSON.stringify(encodeRecord(this)))
      return
    }
    out.ascii(head)
    out.ascii(`${this.offset}`)
    out.ascii(',"timestamp":')
    out.ascii(`${this.timestamp}`)
    out.ascii(beforeKey[this.timestampType])
    if (this.keyLength >= 0) {
      out.ascii(',"key":"')
      out.base64(this.#bytes, this.#keyStart, this.#keyStart + this.keyLength)
      out.ascii('"')
    }
    out.ascii(',"value":"')
    out.base64(this.#bytes, this.#valueStart, this.#valueStart + this.valueLength)
    out.ascii('","headers":[]}')
  }
}
