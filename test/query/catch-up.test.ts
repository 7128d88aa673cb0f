// A new version of a query is brought to where the old one is without a row written, and goes on from there: what the old one emitted
// before, and the new one after, is each window once.
import { fc, test } from '@fast-check/vitest'
import { count, json, maxBy, type OutputMode, type StreamingQuery, stream, window } from 'microbatch'
import { type TestDriver, testDriver } from 'microbatch/testing'
import { describe, expect } from 'vitest'
import { Tick } from '../../handlers/ticks/tick.ts'
import { catchUp } from '../../lib/query/catch-up.ts'
import type { PlanRow } from '../../lib/query/plan/plan.ts'
import { readKeptState } from '../../lib/state/archive/kept-state.ts'
import type { StateStore } from '../../lib/state/store.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { keepingSink } from '../builders.ts'
import { batchesOf, type Drawn, partitions, recordsOfBatch } from '../state/archive/moving-queries.ts'

interface Version {
  readonly delay: string
  readonly outputMode: OutputMode
}

const bars = (name: string, { delay, outputMode }: Version, sinks = [keepingSink()]): StreamingQuery<PlanRow> =>
  stream(name)
    .readKafka({ topic: 't' })
    .decode(json(Tick, { malformed: 'drop' }))
    .withWatermark('timestamp', delay)
    .groupBy(window('timestamp', '5 seconds'), 'symbol')
    .agg({ ticks: count(), close: maxBy('price', 'timestamp') })
    .writeStream({ outputMode, sinks }) as unknown as StreamingQuery<PlanRow>

/** Ticks that are never late: each batch is of seconds after the one before, in every partition. */
const inOrder: fc.Arbitrary<readonly (readonly Drawn[])[]> = fc
  .array(fc.array(fc.constantFrom('AAPL', 'MSFT'), { minLength: 2, maxLength: 6 }), { minLength: 3, maxLength: 12 })
  .map((batches) =>
    batches.map((symbols, i) =>
      symbols.map((symbol, at) => ({ second: i * 2 + (at % 2), symbol, partition: at % partitions })),
    ),
  )

const groupOf = (row: PlanRow) => JSON.stringify([row.window, row.symbol])

async function emittedBy(driver: TestDriver<PlanRow, unknown>, batches: ReturnType<typeof batchesOf>) {
  const rows: PlanRow[] = []
  for (const batch of batches) rows.push(...(await driver.addRecords(batch)).rows)
  return rows
}

describe.each<readonly [string, Version, Version]>([
  ['the same delay', { delay: '4 seconds', outputMode: 'append' }, { delay: '4 seconds', outputMode: 'append' }],
  ['a shorter delay', { delay: '9 seconds', outputMode: 'append' }, { delay: '1 second', outputMode: 'append' }],
])('append, %s', (_, old, version) => {
  test.prop([inOrder, fc.nat(), fc.nat({ max: 4 })], { numRuns: 60 })(
    'each window is emitted by one of the two, and none is left out',
    async (ticks, at, behind) => {
      const batches = batchesOf([
        ...ticks,
        [
          { second: 900, symbol: 'end', partition: 0 },
          { second: 900, symbol: 'end', partition: 1 },
        ],
      ])
      const cut = at % batches.length
      const oldState = memoryState()
      const before = await emittedBy(
        testDriver(bars('bars', old), { partitions, state: oldState }),
        batches.slice(0, cut),
      )
      const kept = await readKeptState(oldState, 'bars')
      const sink = keepingSink()
      const state = memoryState()
      const query = bars('bars2', version, [sink])
      // While the old one was still at work; then up to where it was stopped.
      const early = Math.max(0, cut - behind)
      for (const [closeUpToMs, part] of [
        [kept?.progress.closedMs ?? Number.NEGATIVE_INFINITY, batches.slice(0, early)],
        [kept?.progress.closedMs ?? Number.NEGATIVE_INFINITY, batches.slice(early, cut)],
      ] as const) {
        const { add, settle } = catchUp(query, { state, partitions, shards: 1, closeUpToMs })
        for (const batch of part) await add(recordsOfBatch(batch))
        await settle()
      }
      expect(sink.batches).toEqual([])
      const after = await emittedBy(testDriver(query, { partitions, state }), batches.slice(cut))
      const whole = await emittedBy(testDriver(bars('whole', version), { partitions }), batches)
      const rows = [...before, ...after]
      expect(new Set(rows.map(groupOf)).size).toBe(rows.length)
      const byGroup = (of: readonly PlanRow[]) => new Map(of.map((row) => [groupOf(row), row]))
      expect(byGroup(rows)).toEqual(byGroup(whole))
    },
  )
})

const lastByGroup = (rows: readonly PlanRow[]) => new Map(rows.map((row) => [groupOf(row), row]))

test.prop([inOrder, fc.nat(), fc.constantFrom<OutputMode>('append', 'update')], { numRuns: 60 })(
  'update: the first batch after the takeover emits what is open, so that every window that ends later has its row',
  async (ticks, at, oldMode) => {
    const batches = batchesOf(ticks)
    const cut = at % batches.length
    const version: Version = { delay: '4 seconds', outputMode: 'update' }
    const oldState = memoryState()
    const old = testDriver(bars('bars', { ...version, outputMode: oldMode }), { partitions, state: oldState })
    await emittedBy(old, batches.slice(0, cut))
    const { closedMs, watermarkMs } = (await readKeptState(oldState, 'bars'))?.progress ?? {}
    const outUpToMs = (oldMode === 'append' ? closedMs : watermarkMs) ?? Number.NEGATIVE_INFINITY
    const state = memoryState()
    const query = bars('bars2', version)
    const { add, settle, handOver } = catchUp(query, { state, partitions, shards: 1, closeUpToMs: outUpToMs })
    for (const batch of batches.slice(0, cut)) await add(recordsOfBatch(batch))
    // A batch that was killed before its end comes again, and so does the end.
    if (cut > 0) await add(recordsOfBatch(batches[cut - 1] ?? []))
    for (let times = 0; times < 2; times += 1) {
      await settle()
      await handOver()
    }
    const after = await emittedBy(testDriver(query, { partitions, state }), batches.slice(cut))
    const whole = await emittedBy(testDriver(bars('whole', version), { partitions }), batches)
    const endOf = ({ window }: PlanRow) => (window as { readonly end: number }).end
    const later = (rows: readonly PlanRow[]) => lastByGroup(rows.filter((row) => endOf(row) > outUpToMs))
    expect(later(after)).toEqual(later(whole))
  },
)

test('what is handed over after the stream has begun is refused', async () => {
  const batches = batchesOf([
    [{ second: 1, symbol: 'AAPL', partition: 0 }],
    [{ second: 2, symbol: 'AAPL', partition: 0 }],
  ])
  const memory = memoryState()
  const query = bars('bars2', { delay: '4 seconds', outputMode: 'update' })
  const stream = testDriver(query, { partitions, state: memory })
  let hasBegun = false
  const beside: StateStore = {
    ...memory,
    async exchange(added, removed) {
      if (added.some(({ sk }) => sk.startsWith('snap#')) && !hasBegun) {
        hasBegun = true
        await stream.addRecords(batches[1] ?? [])
      }
      return memory.exchange(added, removed)
    },
  }
  const { add, handOver } = catchUp(query, { state: beside, partitions, shards: 1, closeUpToMs: null })
  await add(recordsOfBatch(batches[0] ?? []))
  await expect(handOver()).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
})
