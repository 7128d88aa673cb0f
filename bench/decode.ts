// One batch of 10,000 ticks, from the JSON text of the event to rows, beside the least that anyone must do for it: parse
// the event, undo the base64, parse the values.

import { ticksAt } from '../handlers/ticks/generator.ts'
import { Tick } from '../handlers/ticks/tick.ts'
import {
  encodeKafkaEvent,
  json,
  type KafkaEvent,
  type KafkaRow,
  parseKafkaEvent,
  type Sink,
  stream,
} from '../lib/index.ts'
import { compileReader } from '../lib/query/read/row-reader.ts'
import type { Figure } from './baseline.ts'
import { compare } from './measure.ts'

export const batchSize = 10_000
const partitions = 3

/** A sink that keeps nothing, so that what is measured is the way to it. */
export const nowhere: Sink<object> = { description: 'nowhere', write: async () => undefined }

/** Ticks of five symbols over three partitions, as the producer sends them. */
function tickRecords(first: number, count: number): readonly KafkaRow[] {
  return Array.from({ length: count }, (_, i) => {
    const index = first + i
    const tick = ticksAt(42, 5, 1_767_623_400 + Math.floor(index / 5))[index % 5]
    if (tick === undefined) throw new Error('five symbols have a tick each')
    return {
      topic: 'stock-ticks',
      partition: index % partitions,
      offset: Math.floor(index / partitions),
      timestamp: tick.timestamp + 12,
      timestampType: 0,
      key: Buffer.from(tick.symbol),
      value: Buffer.from(JSON.stringify(tick)),
      headers: [],
    }
  })
}

/** The event of one batch, from so many records on. */
export const eventOf = (first: number, count: number): KafkaEvent =>
  encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, tickRecords(first, count))

/** The payload of one batch as Lambda hands it over. */
export const eventText = (): string => JSON.stringify(eventOf(0, batchSize))

interface FloorEvent {
  readonly records: Readonly<Record<string, readonly { readonly value: string }[]>>
}

/** The least that anyone must do for a batch. */
export function floor(text: string): readonly unknown[] {
  const event: FloorEvent = JSON.parse(text)
  const rows: unknown[] = []
  for (const records of Object.values(event.records)) {
    for (const { value } of records) rows.push(JSON.parse(Buffer.from(value, 'base64').toString('utf8')))
  }
  return rows
}

export async function benchDecode(): Promise<readonly Figure[]> {
  const text = eventText()
  const query = stream('bench')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .writeStream({ sinks: [nowhere] })
  const { fromRecords } = compileReader(query)
  const rows = () => fromRecords(parseKafkaEvent(JSON.parse(text)).rows, () => 0).rows
  if (floor(text).length !== batchSize || rows().length !== batchSize) throw new Error('a contestant lost records')
  return compare(`Event -> rows, ${batchSize.toLocaleString('en-US')} ticks a batch`, batchSize, [
    { name: 'floor: JSON.parse, base64, JSON.parse', run: () => floor(text) },
    { name: 'parse -> decode -> row', run: rows },
  ])
}
