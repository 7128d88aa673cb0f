// How many bytes an event takes as JSON, without writing it: the 6 MB rule is checked for each record as it arrives, and
// encoding twice would cost as much as the rest of the mapping. Exact for what lib/event/encode.ts writes, by test.

import { encodeKafkaEvent } from '../../lib/event/encode.ts'
import type { EventOrigin } from '../../lib/event/kafka-event.ts'
import { type KafkaRow, topicPartition } from '../../lib/event/kafka-row.ts'
import { FetchedRow } from '../source/fetch/fetched-row.ts'
import { OversizedRow } from '../source/fetch/oversized-row.ts'

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
const base64Bytes = (length: number): number => 4 * Math.ceil(length / 3)
const timestampTypeBytes = { 0: 11, 1: 15, [-1]: 17 } as const

/** `{"topic":,"partition":,"offset":,"timestamp":,"timestampType":"","headers":[]}` and the comma to the next record. */
const recordFrame =
  jsonBytes({ topic: 0, partition: 0, offset: 0, timestamp: 0, timestampType: '', headers: [] }) - 4 + 1
const fieldFrame = { key: ',"key":""'.length, value: ',"value":""'.length }

/** Bytes of everything but partitions and records. */
export const envelopeBytes = (origin: EventOrigin): number => jsonBytes(encodeKafkaEvent(origin, []))

/** Bytes that a further partition adds: its key, the brackets and the comma, less the comma its last record lacks. */
export const partitionBytes = (row: Pick<KafkaRow, 'topic' | 'partition'>): number =>
  jsonBytes(topicPartition(row)) + ':[],'.length - 1

/**
 * Bytes that a record of a topic adds to its partition, with the comma after it.
 * @example recordSize('stock-ticks')(row) // 214
 */
export function recordSize(topic: string): (row: KafkaRow) => number {
  const frame = recordFrame + jsonBytes(topic)
  return (row) => {
    // What was not even read fits nowhere.
    if (row instanceof OversizedRow) return Number.POSITIVE_INFINITY
    let bytes = frame + digits(row.partition) + digits(row.offset) + digits(row.timestamp)
    bytes += timestampTypeBytes[row.timestampType]
    const [keyLength, valueLength] =
      row instanceof FetchedRow
        ? [row.keyLength, row.valueLength]
        : [row.key === null ? -1 : row.key.length, row.value === null ? -1 : row.value.length]
    if (keyLength >= 0) bytes += fieldFrame.key + base64Bytes(keyLength)
    if (valueLength >= 0) bytes += fieldFrame.value + base64Bytes(valueLength)
    if (row.headers.length === 0) return bytes
    for (const { key, value } of row.headers) bytes += jsonBytes(key) + '{:}'.length + headerValueBytes(value)
    return bytes + row.headers.length - 1
  }
}

/** How many characters JSON writes for a number; made into text only where it is not a plain count. */
function digits(value: number): number {
  if (!(value >= 0 && value < 1e15)) return String(value).length
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count += 1
  return count
}

function headerValueBytes(value: Buffer | null): number {
  if (value === null) return 'null'.length
  let bytes = 2 + Math.max(0, value.length - 1)
  for (const byte of value) {
    const signed = byte > 127 ? byte - 256 : byte
    bytes += (signed < 0 ? 1 : 0) + (Math.abs(signed) >= 100 ? 3 : Math.abs(signed) >= 10 ? 2 : 1)
  }
  return bytes
}
