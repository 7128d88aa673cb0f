import { describe, expect, test } from 'vitest'
import { Tick } from '../../handlers/ticks/tick.ts'
import {
  type BatchResponse,
  count,
  json,
  kafkaHandler,
  memoryDeadLetters,
  memoryState,
  type Sink,
  stream,
} from '../../lib/index.ts'
import { anEvent, aTick, keepingSink, recordsOf } from '../builders.ts'

const quiet = { deadLetters: memoryDeadLetters(), log: () => undefined, partialBatches: true }

/** Keeps the ids of rows, and refuses any batch with a row of a partition that is down. */
function sinkWith(down: ReadonlySet<string>): Sink<object> & { readonly ids: Set<string> } {
  const ids = new Set<string>()
  return {
    ids,
    description: 'test',
    async write({ rows }) {
      if (rows.some(({ id }) => down.has(id.replace(/-\d+$/, '')))) throw new Error('that shard is down')
      for (const { id } of rows) ids.add(id)
    },
  }
}

const tape = (sink: Sink<object>, bad: ReadonlySet<number> = new Set()) =>
  stream('tape')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .where(({ volume }) => {
      if (bad.has(volume)) throw new Error('a bug')
      return true
    })
    .writeStream({ sinks: [sink], onFunctionError: 'fail' })

/** Three partitions of four ticks; the volume of each names it: 100 x partition + offset. */
const records = [0, 1, 2].flatMap((partition) =>
  recordsOf(
    [0, 1, 2, 3].map((offset) => aTick({ volume: 100 * partition + offset })),
    { partition },
  ),
)
const ids = (partition: number, ...offsets: number[]) => offsets.map((offset) => `stock-ticks-${partition}-${offset}`)
const failures = (response: unknown): readonly string[] =>
  (response as BatchResponse).batchItemFailures.map(
    ({ itemIdentifier: { partition, offset } }) => `${partition}-${offset}`,
  )

describe('with partial batches', () => {
  test('a batch without a failure is run once and names none', async () => {
    const sink = sinkWith(new Set())
    const seen: number[] = []
    const run = kafkaHandler(tape(sink), { ...quiet, onProgress: ({ numInputRows }) => seen.push(numInputRows) })
    expect(await run(anEvent(records))).toEqual({ batchItemFailures: [] })
    expect(seen).toEqual([12])
  })

  test('a partition whose rows a sink refuses fails whole, and the others succeed', async () => {
    const sink = sinkWith(new Set(['stock-ticks-1']))
    const response = await kafkaHandler(tape(sink), quiet)(anEvent(records))
    expect(response).toEqual({
      batchItemFailures: [0, 1, 2, 3].map((offset) => ({ itemIdentifier: { partition: 'stock-ticks-1', offset } })),
    })
    expect([...sink.ids]).toEqual([...ids(0, 0, 1, 2, 3), ...ids(2, 0, 1, 2, 3)])
  })

  test('a record on which the query throws fails with all after it, and those before it succeed', async () => {
    const sink = sinkWith(new Set())
    const response = await kafkaHandler(tape(sink, new Set([102, 203])), quiet)(anEvent(records))
    expect(failures(response)).toEqual([...ids(1, 2, 3), ...ids(2, 3)])
    expect([...sink.ids]).toEqual([...ids(0, 0, 1, 2, 3), ...ids(1, 0, 1), ...ids(2, 0, 1, 2)])
  })

  test('the earliest of two such records counts, in whatever order they are found', async () => {
    const sink = sinkWith(new Set())
    const response = await kafkaHandler(tape(sink, new Set([101, 103])), quiet)(anEvent(records))
    expect(failures(response)).toEqual(ids(1, 1, 2, 3))
  })

  test('a batch of which nothing succeeded throws what was wrong', async () => {
    const run = kafkaHandler(tape(sinkWith(new Set()), new Set([0, 100, 200])), quiet)
    await expect(run(anEvent(records))).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
  })

  test('dead letters are no failures', async () => {
    const run = kafkaHandler(tape(sinkWith(new Set())), quiet)
    expect(await run(anEvent(recordsOf(['not json', aTick()])))).toEqual({ batchItemFailures: [] })
  })

  test('a query with state is refused when the handler is made', () => {
    const bars = stream('bars')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick))
      .groupBy('symbol')
      .agg({ ticks: count() })
      .writeStream({ outputMode: 'update', sinks: [keepingSink()] })
    expect(() => kafkaHandler(bars, { ...quiet, state: memoryState() })).toThrow(
      /bars: a query with state is all or nothing/,
    )
  })
})
