// A running query answers with what it would write: in complete mode with its table, whatever the groups are and however they are
// spread; and every group by its key, and the windows of a key.

import { describe, expect, test } from 'vitest'
import {
  count,
  long,
  max,
  memoryState,
  queryState,
  type StreamingQuery,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'
import { seeded } from '../../state/schedule/random.ts'

const Row = struct({ key: string().nullable(), venue: string(), value: long(), at: timestamp() })
type Row = { readonly key: string | null; readonly venue: string; readonly value: number; readonly at: number }

const rows = stream('asked').rows(Row)
const watermarked = rows.withWatermark('at', '5 seconds')
const complete = { outputMode: 'complete', watermarkPolicy: 'max', sinks: [keepingSink()] } as const
const totals = { n: count(), total: sum('value'), high: max('value') } as const

const shapes = {
  'windows of a column': watermarked.groupBy(window('at', '10 seconds'), 'key').agg(totals).writeStream(complete),
  'windows that overlap, of two columns': watermarked
    .groupBy('venue', window('at', '10 seconds', '4 seconds', '1 second').as('w'), 'key')
    .agg(totals)
    .writeStream(complete),
  'windows that no watermark ends': rows.groupBy(window('at', '10 seconds'), 'key').agg(totals).writeStream(complete),
  'a window column': watermarked
    .withColumn('w', window('at', '10 seconds'))
    .groupBy('w', 'key')
    .agg(totals)
    .writeStream(complete),
  'a column': rows.groupBy('key').agg(totals).writeStream(complete),
  'the event time': watermarked.groupBy('key', 'at').agg(totals).writeStream(complete),
  'windows, and the event time beside them': watermarked
    .withColumn('day', ({ at }) => at - (at % 20_000), timestamp())
    .groupBy('at', window('day', '20 seconds'))
    .agg(totals)
    .writeStream(complete),
  'no column': rows.groupBy().agg(totals).writeStream(complete),
  sessions: watermarked.groupBy(sessionWindow('at', '3 seconds'), 'key').agg(totals).writeStream(complete),
  'windows behind duplicates': watermarked
    .dropDuplicates('value', 'at')
    .groupBy(window('at', '10 seconds'), 'key')
    .agg(totals)
    .writeStream(complete),
} satisfies Record<string, StreamingQuery<never, Row>>

function someRows(seed: number): readonly Row[] {
  const random = seeded(seed)
  return Array.from({ length: 12 }, () => ({
    key: random.pick(['a', 'b', 'c', null]),
    venue: random.pick(['x', 'y']),
    value: random.between(1, 100),
    at: random.between(0, 60) * 1000,
  }))
}

const spreads = [1, 3]
const asText = (all: readonly unknown[]): readonly string[] => all.map((row) => JSON.stringify(row)).toSorted()

describe.each(Object.keys(shapes) as (keyof typeof shapes)[])('groups by %s', (shape) => {
  const query: StreamingQuery<object, Row> = shapes[shape]
  const names = groupsOf(query)

  test.each(spreads.filter((shards) => shards === 1 || shape !== 'windows behind duplicates'))(
    'are those of the table that goes out, in %i shards',
    async (shards) => {
      const state = memoryState()
      const driver = testDriver(query, { state, shards })
      const table = queryState(query, state)
      for (let seed = 0; seed < 4; seed += 1) {
        const { rows: expected } = await driver.addRows(someRows(seed))
        const all: object[] = []
        for await (const { row } of table.all()) all.push(row)
        expect(asText(all)).toEqual(asText(expected))
        for (const row of expected) {
          const key = Object.fromEntries(names.map((name) => [name, Reflect.get(row, name)]))
          expect((await table.get(key)).row).toEqual(row)
          const { [windowOf(names)]: _, ...windowless } = key
          const { rows: windows } = await table.fetch(windowless)
          expect(windows).toEqual(
            expected.filter((other) => Object.keys(windowless).every((name) => Reflect.get(other, name) === key[name])),
          )
        }
      }
    },
  )
})

function groupsOf({ plan: { aggregation, stages } }: StreamingQuery<object, Row>): readonly string[] {
  const last = stages.at(-1)?.step
  return aggregation?.order ?? (last?.kind === 'sessionAggregate' ? last.aggregation.order : [])
}
const windowOf = (names: readonly string[]): string =>
  names.find((name) => ['window', 'w', 'session_window'].includes(name)) ?? ''
