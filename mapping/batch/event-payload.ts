// The event of a batch, as lib/event/encode.ts has it, by test; faster for the records of a fetch, which come in runs of one
// partition and write their own base64.

import { encodeRecord } from '../../lib/event/encode.ts'
import type { EventOrigin, KafkaEvent, WireRecord } from '../../lib/event/kafka-event.ts'
import { type KafkaRow, topicPartition } from '../../lib/event/kafka-row.ts'
import type { InvokePayload } from '../invoke/invoker.ts'
import { FetchedRow } from '../source/fetch/fetched-row.ts'

/**
 * The event of some records, as an object or as its JSON. The object is made once, when it is asked for; the JSON, which is
 * as large as the batch and sent once, each time.
 * @example new EventPayload(origin, rows).text // '{"eventSource":"SelfManagedKafka",…'
 */
export class EventPayload implements InvokePayload {
  readonly recordCount: number
  readonly #origin: EventOrigin
  readonly #rows: readonly KafkaRow[]
  #event: KafkaEvent | undefined

  constructor(origin: EventOrigin, rows: readonly KafkaRow[]) {
    this.recordCount = rows.length
    this.#origin = origin
    this.#rows = rows
  }

  get event(): KafkaEvent {
    this.#event ??= eventOf(this.#origin, this.#rows)
    return this.#event
  }

  get text(): string {
    return textOf(this.#origin, this.#rows)
  }
}

/**
 * `JSON.stringify` of the event, by test: base64 needs no escaping, and what records of a partition share is made once. The
 * pieces are joined in one go; a text that grew record by record would be copied again and again.
 */
export function textOf(origin: EventOrigin, rows: readonly KafkaRow[]): string {
  const partitions = new Map<number, { readonly head: string; readonly pieces: string[] }>()
  let current: { readonly head: string; readonly pieces: string[] } | undefined
  let partition: number | undefined
  for (const row of rows) {
    if (row.partition !== partition || current === undefined) {
      partition = row.partition
      current = partitions.get(partition)
      if (current === undefined) {
        const separator = partitions.size === 0 ? '' : '],'
        const head = `{"topic":${JSON.stringify(row.topic)},"partition":${partition},"offset":`
        current = { head, pieces: [separator, `${JSON.stringify(topicPartition(row))}:[`] }
        partitions.set(partition, current)
      } else current.pieces.push(',')
    } else current.pieces.push(',')
    if (row instanceof FetchedRow) row.write(current.pieces, current.head)
    else current.pieces.push(JSON.stringify(encodeRecord(row)))
  }
  const envelope = JSON.stringify({ ...origin, records: {} }).slice(0, -2)
  const pieces = [envelope]
  for (const part of partitions.values()) for (const piece of part.pieces) pieces.push(piece)
  pieces.push(partitions.size === 0 ? '}}' : ']}}')
  return pieces.join('')
}

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
