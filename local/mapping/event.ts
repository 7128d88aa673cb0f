// The event of a batch, as lib/event/encode.ts has it, by test; faster for the records of a fetch, which come in runs of one
// partition and write their own base64.

import { encodeRecord } from '../../lib/event/encode.ts'
import type { EventOrigin, KafkaEvent, WireRecord } from '../../lib/event/kafka-event.ts'
import { type KafkaRow, topicPartition } from '../../lib/event/kafka-row.ts'
import { FetchedRow } from './fetched-row.ts'

/** @example eventOf({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, rows) */
export function eventOf(origin: EventOrigin, rows: readonly KafkaRow[]): KafkaEvent {
  const byPartition = new Map<string, WireRecord[]>()
  let records: WireRecord[] = []
  let partition: number | undefined
  for (const row of rows) {
    if (row.partition !== partition) {
      partition = row.partition
      const key = topicPartition(row)
      const known = byPartition.get(key)
      records = known ?? []
      if (known === undefined) byPartition.set(key, records)
    }
    records.push(row instanceof FetchedRow ? row.wire() : encodeRecord(row))
  }
  return { ...origin, records: Object.fromEntries(byPartition) }
}
