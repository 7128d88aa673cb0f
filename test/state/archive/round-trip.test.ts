// State that is taken out as text and written under another name elsewhere goes on as if it had never been moved: of queries of every
// kind, between batches and at any call of an invocation that was killed.
import { fc, test } from '@fast-check/vitest'
import { count, json, max, stream } from 'microbatch'
import { testDriver } from 'microbatch/testing'
import { describe, expect } from 'vitest'
import { Tick } from '../../../handlers/ticks/tick.ts'
import { archiveLines, movedState, parseArchive } from '../../../lib/state/archive/archive.ts'
import { readKeptState } from '../../../lib/state/archive/kept-state.ts'
import { writeState } from '../../../lib/state/archive/written-state.ts'
import type { StateStore } from '../../../lib/state/store.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { keepingSink } from '../../builders.ts'
import { mortal } from './item-listing.ts'
import { batchesOf, type Drawn, movingQueries, partitions } from './moving-queries.ts'

let numTokens = 0
const newToken = () => `moved-${numTokens++}`

async function moved(from: StateStore, name: string, to: StateStore, toName: string): Promise<void> {
  const kept = await readKeptState(from, name)
  if (kept === undefined) return
  const lines = [...archiveLines(movedState(kept, 1))]
  const read = await parseArchive(lines)
  expect([...archiveLines(read)]).toEqual(lines)
  const written = await writeState(to, toName, read, { rev: null, nowMs: 1, newToken })
  expect(written.kind).toBe('written')
}

const drawn: fc.Arbitrary<readonly (readonly Drawn[])[]> = fc.array(
  fc.array(
    fc.record({
      second: fc.nat({ max: 30 }),
      symbol: fc.constantFrom('AAPL', 'Ω\t"', ''),
      partition: fc.nat({ max: partitions - 1 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  { minLength: 2, maxLength: 6 },
)

describe.each(Object.entries(movingQueries))('%s', (kind, query) => {
  const someShards = kind === 'duplicates before windows' ? fc.constant(1) : fc.constantFrom(1, 3)
  test.prop([drawn, fc.nat(), someShards, fc.nat({ max: 12 })], { numRuns: 40 })(
    'the rows after the move are those of a stream that was not moved',
    async (ticks, at, shards, lastCall) => {
      const batches = batchesOf(ticks)
      const cut = at % batches.length
      const options = { partitions, shards }
      const whole = testDriver(query('bars'), options)
      const expected = []
      for (const batch of batches) expected.push((await whole.addRecords(batch)).emitted)

      const [here, there] = [memoryState(), memoryState()]
      const before = testDriver(query('bars'), { ...options, state: here })
      for (const batch of batches.slice(0, cut)) await before.addRecords(batch)
      const sink = keepingSink()
      const dying = { ...query('bars'), sinks: [sink] }
      await testDriver(dying, { ...options, state: mortal(here, lastCall) })
        .addRecords(batches[cut] ?? [])
        .catch(() => undefined)
      await moved(here, 'bars', there, 'copy')
      const after = testDriver(query('copy'), { ...options, state: there })
      for (const [i, batch] of batches.entries()) {
        if (i < cut) continue
        const { emitted } = await after.addRecords(batch)
        const rows = (of: typeof emitted) => of.map(({ id, row }) => ({ id, row }))
        // Rows that are out already may stay away.
        if (i === cut && sink.batches.length > 0) continue
        expect(rows(emitted)).toEqual(rows(expected[i] ?? []))
      }
    },
  )
})

test('state that a second version has added to goes on elsewhere, in the places that its parts have', async () => {
  const batches = batchesOf(
    [1, 2, 3, 4].map((second) =>
      ['AAPL', 'MSFT'].map((symbol, partition) => ({ second, symbol, partition: partition % partitions })),
    ),
  )
  const query = (name: string, isSecond: boolean) =>
    stream(name)
      .readKafka({ topic: 't' })
      .decode(json(Tick, { malformed: 'drop' }))
      .groupBy('symbol')
      .agg({ ...(isSecond ? { high: max('price') } : {}), ticks: count() })
      .writeStream({ outputMode: 'update', sinks: [keepingSink()], evolve: 'add' })
  const [here, there] = [memoryState(), memoryState()]
  const begun = testDriver(query('bars', false), { state: here, partitions })
  for (const batch of batches.slice(0, 1)) await begun.addRecords(batch)
  const second = testDriver(query('bars', true), { state: here, partitions })
  for (const batch of batches.slice(1, 2)) await second.addRecords(batch)
  await moved(here, 'bars', there, 'copy')
  const copy = testDriver(query('copy', true), { state: there, partitions })
  for (const batch of batches.slice(2)) {
    expect((await copy.addRecords(batch)).rows).toEqual((await second.addRecords(batch)).rows)
  }
})
