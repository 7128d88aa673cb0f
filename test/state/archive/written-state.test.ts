// State is written under a name as a whole or not at all, and removed as a whole: killed at any call, beside batches, and beside others
// who do the same.
import { testDriver } from 'microbatch/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { archiveLines, type MovedState, movedState } from '../../../lib/state/archive/archive.ts'
import { readKeptState } from '../../../lib/state/archive/kept-state.ts'
import { removeState } from '../../../lib/state/archive/removed-state.ts'
import { sizeOf, unfinishedSince, writeState } from '../../../lib/state/archive/written-state.ts'
import type { StateStore } from '../../../lib/state/store.ts'
import { type ListedStore, listedStore, mortal } from './item-listing.ts'
import { batchesOf, movingQueries, partitions } from './moving-queries.ts'

let numTokens = 0
const newToken = () => `t${numTokens++}`
const options = (rev: string | null) => ({ rev, nowMs: 7, newToken })

const query = movingQueries['windows, update']
if (query === undefined) throw new Error('a query')
const batches = batchesOf(
  [1, 2, 6, 9].map((second) =>
    ['AAPL', 'MSFT', 'TSLA'].map((symbol, partition) => ({ second, symbol, partition: partition % partitions })),
  ),
)

let table: ListedStore
let state: MovedState
beforeEach(async () => {
  table = listedStore()
  const driver = testDriver(query('bars'), { partitions, shards: 2, state: table.store })
  for (const batch of batches) await driver.addRecords(batch)
  const kept = await readKeptState(table.store, 'bars')
  if (kept === undefined) throw new Error('no state')
  state = movedState(kept, 5)
})

/** All that is kept under a name, but for its generation. */
async function linesOf(store: StateStore, name: string): Promise<readonly string[] | undefined> {
  const kept = await readKeptState(store, name)
  if (kept === undefined) return undefined
  return [
    ...archiveLines({ ...movedState({ ...kept, progress: { ...kept.progress, gen: '' } }, 0), query: 'x' }),
  ].slice(0, -1)
}

const revOf = async (store: StateStore, name: string) => (await readKeptState(store, name))?.progress.rev ?? null

describe.each([
  ['a call that was not carried out', false],
  ['a call that was carried out, and not answered', true],
])('killed at %s', (_, isDone) => {
  test('a writing leaves a free name free, or whole; the next one removes what is left behind', async () => {
    const before = await table.items()
    let isWhole = false
    for (let lastCall = 0; !isWhole; lastCall += 1) {
      const dying = mortal(table.store, lastCall, isDone)
      await writeState(dying, 'copy', state, options(null)).catch((error) => expect(error.message).toBe('killed'))
      const lines = await linesOf(table.store, 'copy')
      isWhole = lines !== undefined
      if (isWhole) expect(lines).toEqual(await linesOf(table.store, 'bars'))
      expect(lastCall).toBeLessThan(30)
    }
    // Over what was killed last, whichever way it went.
    expect(await writeState(table.store, 'copy', state, options(await revOf(table.store, 'copy')))).toMatchObject({
      kind: 'written',
      items: sizeOf(state).items,
    })
    const copied = (await table.items()).filter((item) => !before.includes(item))
    expect(copied).toHaveLength(sizeOf(state).items)
    expect(await unfinishedSince(table.store, 'copy')).toBeUndefined()
  })

  test('a removal leaves the name as it was, or so that no batch goes on from it; the next one comes to the end', async () => {
    const lines = await linesOf(table.store, 'bars')
    const rev = await revOf(table.store, 'bars')
    let found: unknown = lines
    for (let lastCall = 0; JSON.stringify(found) === JSON.stringify(lines); lastCall += 1) {
      await removeState(mortal(table.store, lastCall, isDone), 'bars', rev, newToken).catch(() => undefined)
      found = await linesOf(table.store, 'bars').catch(({ code }) => code)
      expect(lastCall).toBeLessThan(30)
    }
    expect(found).toBe('STATE_INCOMPATIBLE')
    const item = await table.store.get({ pk: 'q#bars', sk: 'progress' })
    expect(await removeState(table.store, 'bars', item?.rev ?? null, newToken)).toMatchObject({ kind: 'removed' })
    expect(await table.items()).toEqual([])
  })
})

test('a batch that commits meanwhile goes before a writing and a removal, which then leave nothing behind', async () => {
  const before = await table.items()
  const old = await revOf(table.store, 'bars')
  const committing: StateStore = {
    ...table.store,
    async exchange(added, removed) {
      // Between the reading of the progress and its writing.
      if (added.some(({ sk }) => sk.startsWith('snap#'))) {
        const item = await table.store.get({ pk: 'q#bars', sk: 'progress' })
        if (item !== undefined) await table.store.put({ ...item, rev: 'committed' }, item.rev)
      }
      return table.store.exchange(added, removed)
    },
  }
  expect(await writeState(committing, 'bars', state, options(old))).toEqual({ kind: 'changed' })
  expect(await removeState(table.store, 'bars', old, newToken)).toEqual({ kind: 'changed' })
  expect(await table.items()).toEqual(before)
})

test('a name that is taken is not written over, unless its revision is named: then what it had goes', async () => {
  const driver = testDriver(query('other'), { partitions, shards: 2, state: table.store })
  for (const batch of batches.slice(0, 1)) await driver.addRecords(batch)
  expect(await writeState(table.store, 'other', state, options(null))).toEqual({ kind: 'changed' })
  const gen = (await readKeptState(table.store, 'other'))?.progress.gen ?? ''
  const rev = await revOf(table.store, 'other')
  expect(await writeState(table.store, 'other', state, options(rev))).toMatchObject({ kind: 'written' })
  expect(await linesOf(table.store, 'other')).toEqual(await linesOf(table.store, 'bars'))
  expect((await table.items()).filter((item) => item.includes(`#${gen}#`))).toEqual([])
})

test('a warm container of the name that was written over begins on the new state', async () => {
  const expected = testDriver(query('bars'), { partitions, shards: 2 })
  for (const batch of batches) await expected.addRecords(batch)
  const warm = testDriver(query('other'), { partitions, shards: 2, state: table.store })
  for (const batch of batches.slice(0, 2)) await warm.addRecords(batch)
  await writeState(table.store, 'other', state, options(await revOf(table.store, 'other')))
  const [more = []] = batchesOf([[{ second: 9, symbol: 'AAPL', partition: 0 }]])
  const next = more.map((record) => ({ ...record, offset: 20 }))
  expect((await warm.addRecords(next)).rows).toEqual((await expected.addRecords(next)).rows)
})

test('of two writings at once one is written, whole', async () => {
  let other: unknown
  const meeting: StateStore = {
    ...table.store,
    async exchange(added, removed) {
      await table.store.exchange(added, removed)
      if (other !== undefined || added.length === 0) return
      other = null
      other = await writeState(table.store, 'copy', state, options(null))
    },
  }
  const one = await writeState(meeting, 'copy', state, options(null))
  expect([one, other]).toEqual([{ kind: 'changed' }, expect.objectContaining({ kind: 'written' })])
  expect(await linesOf(table.store, 'copy')).toEqual(await linesOf(table.store, 'bars'))
})
