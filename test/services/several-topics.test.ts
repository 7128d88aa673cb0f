// One query over two topics of a real Kafka, as its function is fed: a mapping for each topic, each with a container of its own,
// over one state; records of several rows; and a sink that fails now and then, so that batches come again.

import { expect, test } from 'vitest'
import {
  byTopic,
  count,
  double,
  json,
  kafkaHandler,
  long,
  memoryDeadLetters,
  memoryState,
  type Sink,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../lib/index.ts'
import { openingBellMs } from '../builders.ts'
import { onKafka, started, until } from './a-mapping.ts'

const kafka = onKafka()
const Trade = struct({ symbol: string(), price: double(), at: timestamp() })
const OldTrade = struct({ symbol: string(), cents: long(), at: timestamp() })

test('each row of each topic counts once, and windows wait for the partitions of both', async () => {
  const { topic, send } = kafka()
  const [trades, old] = [await topic(2), await topic(1)]
  const printed: object[] = []
  let writes = 0
  const sink: Sink<object> = {
    description: 'now and then',
    async write({ rows }) {
      writes += 1
      if (writes % 3 === 1) throw new Error('not now')
      printed.push(...rows.map(({ row }) => row))
    },
  }
  const query = stream('both')
    .readKafka({ topics: [trades, old], tombstones: 'drop' })
    .where(({ key }) => key === null || key.toString() !== 'skipped')
    .decode(byTopic({ [trades]: json(Trade, { many: 'array' }), [old]: json(OldTrade, { many: 'lines' }) }))
    .withColumn('paid', ({ price, cents }) => price ?? (cents ?? 0) / 100, double())
    .withWatermark('at', '1 second')
    .groupBy(window('at', '10 seconds'), 'symbol')
    .agg({ n: count(), paid: sum('paid') })
    .writeStream({ outputMode: 'append', sinks: [sink] })
  const state = memoryState()
  const deadLetters = memoryDeadLetters()
  const container = () => {
    const handler = kafkaHandler(query, {
      state,
      deadLetters,
      partitions: { [trades]: 2, [old]: 1 },
      log: () => undefined,
    })
    return async (event: unknown) => {
      await handler(event)
      return undefined
    }
  }
  for (const name of [trades, old]) started(name, container(), { windowMs: 50, batchSize: 7 })

  const at = (seconds: number) => openingBellMs + seconds * 1000
  for (let i = 0; i < 20; i += 1) {
    const rows = [0, 1, 2].map(() => ({ symbol: 'A', price: 2, at: at(i / 4) }))
    await send(trades, [{ partition: i % 2, value: JSON.stringify([...rows, { symbol: 'A', price: 'much', at: 0 }]) }])
    await send(old, [
      { value: [1, 2].map(() => JSON.stringify({ symbol: 'A', cents: 50, at: at(i / 4) })).join('\n') },
      { key: 'skipped', value: 'no trade' },
      { key: 'gone', value: null },
    ])
  }
  // Two of the three partitions have gone on: the window stays open, until the third has, too.
  const last = (name: string) => ({ symbol: 'end', at: at(60), ...(name === old ? { cents: 0 } : { price: 0 }) })
  await send(
    trades,
    [0, 1].map((partition) => ({ partition, value: JSON.stringify([last(trades)]) })),
  )
  await until(() => expect(new Set(deadLetters.letters.map(({ id }) => id)).size).toBe(20))
  expect(printed).toEqual([])
  await send(old, [{ value: JSON.stringify(last(old)) }])
  await until(() => expect(printed.length).toBeGreaterThan(0))
  expect(printed[0]).toEqual({
    window: { start: openingBellMs, end: openingBellMs + 10_000 },
    symbol: 'A',
    n: 20 * 3 + 20 * 2,
    paid: 20 * 3 * 2 + 20 * 2 * 0.5,
  })
  expect(
    deadLetters.letters.every(
      ({ topic, index, reason }) => topic === trades && index === 3 && reason === 'WRONG_SHAPE',
    ),
  ).toBe(true)
})
