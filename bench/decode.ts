// One batch of 10,000 ticks, from the JSON text of the event to rows, beside the least that anyone must do for it: parse
// the event, undo the base64, parse the values.

import { ticksAt } from '../handlers/ticks/generator.ts'
import { Tick } from '../handlers/ticks/tick.ts'
import { encodeKafkaEvent, json, type KafkaRow, parseKafkaEvent, stream } from '../lib/index.ts'
import { compileInput } from '../lib/query/input.ts'
import { compare } from './measure.ts'

export const batchSize = 10_000

/** Ticks of five symbols over three partitions, as the producer sends them. */
export function tickRecords(count: number): readonly KafkaRow[] {
  const offsets = [0, 0, 0]
  return Array.from({ length: count / 5 }, (_, second) => ticksAt(42, 5, 1_767_623_400 + second))
    .flat()
    .map((tick, i) => {
      const partition = i % 3
      const offset = offsets[partition] ?? 0
      offsets[partition] = offset + 1
      return {
        topic: 'stock-ticks',
        partition,
        offset,
        timestamp: tick.timestamp + 12,
        timestampType: 0,
        key: Buffer.from(tick.symbol),
        value: Buffer.from(JSON.stringify(tick)),
        headers: [],
      }
    })
}

interface FloorEvent {
  readonly records: Readonly<Record<string, readonly { readonly value: string }[]>>
}

export async function benchDecode(): Promise<void> {
  const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const
  const text = JSON.stringify(encodeKafkaEvent(origin, tickRecords(batchSize)))
  const { fromRecords } = compileInput(
    stream('bench').readKafka({ topic: 'stock-ticks' }).decode(json(Tick)).writeStream({ sinks: [] }),
  )

  const floor = (): readonly unknown[] => {
    const event: FloorEvent = JSON.parse(text)
    const rows: unknown[] = []
    for (const records of Object.values(event.records)) {
      for (const { value } of records) rows.push(JSON.parse(Buffer.from(value, 'base64').toString('utf8')))
    }
    return rows
  }
  const rows = () => fromRecords(parseKafkaEvent(JSON.parse(text)).rows).rows
  if (floor().length !== batchSize || rows().length !== batchSize) throw new Error('a contestant lost records')

  await compare(`Event -> rows, ${batchSize.toLocaleString('en-US')} ticks a batch`, batchSize, [
    { name: 'floor: JSON.parse, base64, JSON.parse', run: floor },
    { name: 'parse -> decode -> row', run: rows },
  ])
}
