// The event of a batch, as lib/event/encode.ts has it, by test; faster for the records of a fetch, which come in runs of one
// partition and write themselves.

import { encodeRecord } from '../../lib/event/encode.ts'
import type { EventOrigin, KafkaEvent, WireRecord } from '../../lib/event/kafka-event.ts'
import { type KafkaRow, topicPartition } from '../../lib/event/kafka-row.ts'
import type { InvokePayload } from '../invoke/invoker.ts'
import { FetchedRow } from '../source/fetch/fetched-row.ts'
import { envelopeBytes, partitionBytes, recordSize } from './payload-size.ts'
import { PayloadWriter } from './payload-writer.ts'

/**
 * The event of some records, as an object or as the bytes of its JSON. The object is made once, when it is asked for; the bytes,
 * which are as large as the batch and sent once, each time.
 * @example new EventPayload(origin, rows).bytes.toString() // '{"eventSource":"SelfManagedKafka",…'
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

  get bytes(): Buffer {
    return bytesOf(this.#origin, this.#rows)
  }
}

/** The bytes of `JSON.stringify` of the event, by test: base64 needs no escaping, and what records of a partition share is made once. */
export function bytesOf(origin: EventOrigin, rows: readonly KafkaRow[]): Buffer {
  const partitions = runsByPartition(rows)
  const out = new PayloadWriter(sizeOf(origin, rows, partitions.values()))
  out.text(JSON.stringify({ ...origin, records: {} }).slice(0, -2))
  let partSeparator = ''
  for (const runs of partitions.values()) {
    const [first] = runs[0] ?? []
    if (first === undefined) continue
    const head = `{"topic":${JSON.stringify(first.topic)},"partition":${first.partition},"offset":`
    out.text(`${partSeparator}${JSON.stringify(topicPartition(first))}:[`)
    let separator = ''
    for (const run of runs) {
      for (const row of run) {
        out.ascii(separator)
        if (row instanceof FetchedRow) row.write(out, head)
        else out.text(JSON.stringify(encodeRecord(row)))
        separator = ','
      }
    }
    out.ascii(']')
    partSeparator = ','
  }
  out.ascii('}}')
  return out.finish()
}

/** Records come in runs of one partition; the runs of each, in the order of its first. */
function runsByPartition(rows: readonly KafkaRow[]): ReadonlyMap<number, readonly (readonly KafkaRow[])[]> {
  const partitions = new Map<number, (readonly KafkaRow[])[]>()
  for (let from = 0; from < rows.length; ) {
    const partition = rows[from]?.partition ?? 0
    let to = from + 1
    while (to < rows.length && rows[to]?.partition === partition) to += 1
    const runs = partitions.get(partition) ?? []
    runs.push(from === 0 && to === rows.length ? rows : rows.slice(from, to))
    partitions.set(partition, runs)
    from = to
  }
  return partitions
}

/** Bytes of the payload, and a few more. */
function sizeOf(
  origin: EventOrigin,
  rows: readonly KafkaRow[],
  partitions: Iterable<readonly (readonly KafkaRow[])[]>,
): number {
  let bytes = envelopeBytes(origin)
  for (const [[first] = []] of partitions) if (first !== undefined) bytes += partitionBytes(first)
  const sizeOfRecord = recordSize(rows[0]?.topic ?? '')
  for (const row of rows) bytes += sizeOfRecord(row)
  return bytes
}

/** @example eventOf({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, rows) */
export function eventOf(origin: EventOrigin, rows: readonly KafkaRow[]): KafkaEvent {
  const byPartition = new Map<string, WireRecord[]>()
  for (const runs of runsByPartition(rows).values()) {
    const [first] = runs[0] ?? []
    if (first !== undefined)
      byPartition.set(
        topicPartition(first),
        runs.flatMap((run) => run.map(wireOf)),
      )
  }
  return { ...origin, records: Object.fromEntries(byPartition) }
}

const wireOf = (row: KafkaRow): WireRecord => (row instanceof FetchedRow ? row.wire() : encodeRecord(row))
