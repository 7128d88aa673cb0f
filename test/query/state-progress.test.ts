// What the progress of a batch says of its state, and that the memory a container keeps it in is bounded.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import { Tick } from '../../handlers/ticks/tick.ts'
import {
  json,
  kafkaHandler,
  memoryDeadLetters,
  memoryState,
  type OutputMode,
  type StateStore,
  stream,
  window,
} from '../../lib/index.ts'
import { anEvent, aRecord, aTick, keepingSink, openingBellMs } from '../builders.ts'

const handlerOf = (
  outputMode: OutputMode,
  { state = memoryState(), ...options }: { state?: StateStore; shards?: number; maxStateBytes?: number } = {},
) =>
  kafkaHandler(
    stream('bars')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick))
      .withWatermark('timestamp', '10 seconds')
      .groupBy(window('timestamp', '3 seconds'), 'symbol')
      .count()
      .writeStream({ outputMode, sinks: [keepingSink()] }),
    { state, deadLetters: memoryDeadLetters(), partitions: 1, ...options },
  )

/** Symbols that hardly compress, so that a thousand of them do not fit a head. */
const symbolOf = (i: number): string => createHash('sha1').update(`${i}`).digest('base64')

/** Ticks of so many symbols in one second; each batch continues the offsets of the one before. */
function ticksOf(symbols: number, second: number, offset: number) {
  return anEvent(
    Array.from({ length: symbols }, (_, i) =>
      aRecord({
        offset: offset + i,
        timestamp: openingBellMs + second * 1000,
        value: aTick({ symbol: symbolOf(i), timestamp: openingBellMs + second * 1000 }),
      }),
    ),
  )
}

describe('the progress of a batch', () => {
  test('shows the watermark of a query that keeps no state, by what the container has seen', async () => {
    const tape = stream('tape')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick))
      .withWatermark('timestamp', '10 seconds')
      .writeStream({ sinks: [keepingSink()] })
    const handler = kafkaHandler(tape, { deadLetters: memoryDeadLetters() })
    const seen: unknown[] = []
    for (const batch of [ticksOf(1, 20, 0), ticksOf(1, 15, 1), ticksOf(1, 40, 2)]) {
      const { eventTime } = await handler(batch)
      seen.push(eventTime?.watermark)
    }
    const ten = new Date(openingBellMs + 10_000).toISOString()
    expect(seen).toEqual(['1970-01-01T00:00:00.000Z', ten, ten])
  })

  test('has all that is kept where no row of it is grouped', async () => {
    const query = stream('bars')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick))
      .where(({ symbol }) => symbol !== symbolOf(0))
      .groupBy('symbol')
      .count()
      .writeStream({ outputMode: 'update', sinks: [keepingSink()] })
    const options = { state: memoryState(), deadLetters: memoryDeadLetters() }
    await kafkaHandler(query, options)(ticksOf(4, 0, 0))
    const { stateOperators } = await kafkaHandler(query, options)(ticksOf(1, 1, 4))
    expect(stateOperators[0]).toMatchObject({ numRowsTotal: 3, numRowsUpdated: 0, numRowsRemoved: 0 })
  })

  test('counts groups that are open, were updated and were removed', async () => {
    const handler = handlerOf('update')
    const batches = [ticksOf(5, 0, 0), ticksOf(3, 3, 5), ticksOf(2, 30, 8), ticksOf(1, 0, 10)]
    const numbers: unknown[] = []
    for (const batch of batches) {
      const [state] = (await handler(batch)).stateOperators
      numbers.push([state?.numRowsTotal, state?.numRowsUpdated, state?.numRowsRemoved, state?.numLateRows])
    }
    expect(numbers).toEqual([
      [5, 5, 0, 0],
      [8, 3, 0, 0],
      // The watermark passes both windows in the batch that moves it.
      [2, 2, 8, 0],
      [2, 0, 0, 1],
    ])
  })

  test('counts groups of all shards in complete mode, where all of them are read', async () => {
    const handler = handlerOf('complete', { shards: 4 })
    await handler(ticksOf(20, 0, 0))
    const [state] = (await handler(ticksOf(1, 0, 20))).stateOperators
    expect(state).toMatchObject({ numRowsTotal: 20, numRowsUpdated: 1, numRowsRemoved: 0 })
  })

  test('says what memory the groups take, which grows with them, and what the batch cost at the store', async () => {
    const state = memoryState()
    const handler = handlerOf('update', { state })
    const [first] = (await handler(ticksOf(10, 0, 0))).stateOperators
    const [second] = (await handler(ticksOf(1000, 0, 10))).stateOperators
    const [third] = (await handler(ticksOf(10, 0, 1010))).stateOperators
    expect(first?.memoryUsedBytes).toBeGreaterThan(10 * 400)
    expect(second?.memoryUsedBytes).toBeGreaterThan(1000 * 400)
    // The batch that makes progress: read and written, then the head read and written, then progress again.
    expect(first?.customMetrics).toEqual({ segments: 0, storeCalls: 5, readUnits: 2, writeUnits: 3 })
    // The thousand groups go into a segment of some kilobytes before the head names it.
    expect(second?.customMetrics).toMatchObject({ segments: 1, storeCalls: 4, readUnits: 1 })
    expect(second?.customMetrics.writeUnits).toBeGreaterThan(5)
    expect(third?.customMetrics).toEqual({ segments: 1, storeCalls: 3, readUnits: 1, writeUnits: 2 })
    // Another container reads progress, the head and the segment.
    const [cold] = (await handlerOf('update', { state })(ticksOf(10, 0, 1020))).stateOperators
    // Progress, and the head, which has the changes of two small batches in it by now.
    expect(cold?.customMetrics).toMatchObject({ segments: 1, storeCalls: 5, writeUnits: 3 })
    expect(cold?.customMetrics.readUnits).toBeGreaterThan(3)
  })
})

describe('the memory of a container', () => {
  /** Requests beyond those of a warm batch: reads of the head and its segments. */
  const readsOf = async (maxStateBytes: number) => {
    const handler = handlerOf('update', { maxStateBytes })
    const calls: number[] = []
    const rows: unknown[] = []
    for (let i = 0; i < 4; i += 1) {
      const progress = await handler(ticksOf(1000, 0, 1000 * i))
      calls.push(progress.stateOperators[0]?.customMetrics.storeCalls ?? 0)
      rows.push([progress.stateOperators[0]?.numRowsTotal, progress.sink.numOutputRows])
    }
    return { calls, rows }
  }

  test('keeps a shard between batches up to maxStateBytes; a larger one is read again each time, and counts the same', async () => {
    const [warm, cold] = [await readsOf(10_000_000), await readsOf(100_000)]
    // Progress read and written, a segment, the head; the first batch makes progress and reads the head.
    expect(warm.calls).toEqual([6, 4, 4, 4])
    // The head, and the segments that it names.
    expect(cold.calls).toEqual([6, 4 + 2, 4 + 3, 4 + 4])
    expect(cold.rows).toEqual(warm.rows)
  })
})
