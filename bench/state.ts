// One batch of 10,000 ticks into few, many and as many groups, over memory state, beside the floor of bench/decode.ts; and
// how many calls to the state store a batch makes, cold and warm, beside what the protocol promises.

import { Tick } from '../handlers/ticks/tick.ts'
import {
  count,
  json,
  kafkaHandler,
  long,
  max,
  memoryDeadLetters,
  memoryState,
  min,
  type StateStore,
  stream,
  sum,
  window,
} from '../lib/index.ts'
import { batchSize, eventText, floor, nowhere } from './decode.ts'
import { compare } from './measure.ts'

/** A query that spreads the batch over so many groups: the symbol is widened by the tick's second. */
const query = (groups: number) =>
  stream(`bench-${groups}`)
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick), (tick, { partition, offset }) => ({ ...tick, bucket: (offset * 3 + partition) % groups }), {
      bucket: long(),
    })
    .withWatermark('timestamp', '10 hours')
    .groupBy(window('timestamp', '24 hours'), 'bucket')
    .agg({
      ticks: count(),
      high: max('price'),
      low: min('price'),
      volume: sum('volume'),
      turnover: sum((t) => t.price * t.volume),
    })
    .writeStream({ outputMode: 'update', sinks: [nowhere], maxFuture: 'off' })

const handlerOf = (groups: number, state: StateStore) =>
  kafkaHandler(query(groups), { state, deadLetters: memoryDeadLetters(), partitions: 3 })

const groupCounts = [10, 1000, 10_000] as const

export async function benchState(): Promise<void> {
  const text = eventText()
  await compare(`Event -> bars in memory state, ${batchSize.toLocaleString('en-US')} ticks a batch`, batchSize, [
    { name: 'floor: JSON.parse, base64, JSON.parse', run: () => floor(text) },
    // A fresh store each time: a batch that is delivered again would find its rows applied and fold nothing.
    ...groupCounts.map((groups) => ({
      name: `parse -> decode -> fold into ${groups.toLocaleString('en-US')} groups`,
      run: async () => {
        const progress = await handlerOf(groups, memoryState())(JSON.parse(text))
        if (progress.sink.numOutputRows !== groups) throw new Error(`${progress.sink.numOutputRows} groups came out`)
      },
    })),
  ])
}

/** A store that counts. */
function counting(store: StateStore) {
  const calls = { gets: 0, puts: 0, queries: 0 }
  const counted: StateStore = {
    ...store,
    get: (key) => {
      calls.gets += 1
      return store.get(key)
    },
    put: (item, rev) => {
      calls.puts += 1
      return store.put(item, rev)
    },
    range: (...range) => {
      calls.queries += 1
      return store.range(...range)
    },
  }
  return { calls, counted }
}

export async function benchStateCalls(): Promise<void> {
  console.log(
    '\nCalls to the state store for a batch that touches 100 groups and closes none (counted at the port: each is one call',
  )
  console.log(
    'of DynamoDB). The first batch of a query also creates progress; until a first window closes, each shard is asked.',
  )
  const events = [0, 1].map((half) => JSON.parse(eventText(half * batchSize)))
  const { calls, counted } = counting(memoryState())
  const handler = handlerOf(100, counted)
  for (const [i, name] of ['cold', 'warm'].entries()) {
    const before = { ...calls }
    await handler(events[i])
    const made = {
      gets: calls.gets - before.gets,
      puts: calls.puts - before.puts,
      queries: calls.queries - before.queries,
    }
    const bound = i === 0 ? 'reads 1 + 100, writes 100 + 1 + 1 created' : 'reads 1, writes 100 + 1'
    console.log(`  ${name}   reads ${made.gets}, writes ${made.puts}, queries ${made.queries}   (promised: ${bound})`)
  }
}
