// A compaction is an append's work where one container works on a shard, and comes beside the appends where several do; what it
// replaces goes later. One that fails is no failure of the batch, all of which counts by then.
import { expect, test } from 'vitest'

import { readProgress } from '../../../lib/state/protocol/progress/progress-store.ts'
import type { StateStore } from '../../../lib/state/store.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { aBatch, aContainer, aDriver, aQuery, type Driver } from '../tick-batches.ts'

/** A store that takes no snapshot while it is told not to. */
function failingStore() {
  const memory = memoryState()
  const failing = { isFailing: true, removed: 0 }
  const store: StateStore = {
    ...memory,
    get: memory.get.bind(memory),
    put: memory.put.bind(memory),
    range: memory.range.bind(memory),
    async exchange(added, removed) {
      if (failing.isFailing && added.some(({ sk }) => sk.startsWith('snap#'))) throw new Error('the store is throttled')
      failing.removed += removed.length
      return memory.exchange(added, removed)
    },
  }
  return { store, failing }
}

test('a compaction that fails is a warning; the batch has its rows, and later batches are right and compact', async () => {
  const { store, failing } = failingStore()
  const container = () => aContainer(store, { maxTailBytes: 0, maxSegments: 1 })
  const driver = aDriver(aQuery({ shards: 1, outputMode: 'update' }), container())
  const warnings: string[] = []
  for (let i = 0; i < 3; i += 1)
    warnings.push(...(await driver.run(aBatch({ 't-0': { from: i, times: [i + 1] } }))).warnings)
  expect(warnings).toContainEqual(
    expect.stringMatching(/^the state of ticks#.* was not compacted.*the store is throttled$/),
  )
  failing.isFailing = false
  for (let i = 3; i < 6; i += 1)
    expect((await driver.run(aBatch({ 't-0': { from: i, times: [4] } }))).warnings).toEqual([])
  expect(failing.removed).toBeGreaterThan(0)
  expect(driver.outputs.at(-1)?.rows.map(({ acc }) => acc)).toEqual(['t-0:0 t-0:1 t-0:2 t-0:3 t-0:4 t-0:5'])
})

const updates = aQuery({ shards: 1, outputMode: 'update' })
const oneRow = (offset: number) => aBatch({ 't-0': { from: offset, times: [offset + 1] } })

/** Names of what is stored beside the head, without their tokens. */
async function storedSegments({ container: { store } }: Driver): Promise<readonly string[]> {
  const pk = `ticks#${(await readProgress(store, 'ticks'))?.gen}#0`
  const names: string[] = []
  for await (const page of store.range(pk, 'seg#', 'snap$'))
    names.push(...page.map(({ sk }) => sk.split('#').slice(0, 2).join('#')))
  return names
}

test('the append that would make the log long writes a snapshot; what that replaces goes with the next segment', async () => {
  const driver = aDriver(updates, aContainer(memoryState(), { maxTailBytes: 0, maxSegments: 3 }))
  for (let i = 0; i < 3; i += 1) await driver.run(oneRow(i))
  expect(await storedSegments(driver)).toEqual(['seg#1', 'seg#2', 'seg#3'])
  const { usage, segments } = await driver.run(oneRow(3))
  expect({ calls: usage.calls, segments }).toEqual({ calls: 4, segments: 1 })
  expect(await storedSegments(driver)).toEqual(['seg#1', 'seg#2', 'seg#3', 'snap#1'])
  expect((await driver.run(oneRow(4))).usage.calls).toBe(4)
  expect(await storedSegments(driver)).toEqual(['seg#5', 'snap#1'])
  // Another container reads what this one has.
  const other = aDriver(updates, aContainer(driver.container.store))
  await other.run(oneRow(5))
  expect(other.outputs.at(-1)?.rows.map(({ acc }) => acc)).toEqual(['t-0:0 t-0:1 t-0:2 t-0:3 t-0:4 t-0:5'])
})

test('where changes fit into the head, what a snapshot replaced goes by a call of its own, and the batch makes four', async () => {
  const container = aContainer(memoryState(), { maxTailBytes: 0, maxSegments: 3 })
  const driver = aDriver(updates, container)
  for (let i = 0; i < 4; i += 1) await driver.run(oneRow(i))
  const roomy = aDriver(updates, { ...container, maxTailBytes: 3072 })
  expect((await roomy.run(oneRow(4))).usage.calls).toBe(4)
  expect(await storedSegments(driver)).toEqual(['snap#1'])
  expect((await roomy.run(oneRow(5))).usage.calls).toBe(3)
})

test('where two containers append in turns, the compaction comes beside the appends', async () => {
  const store = memoryState()
  const options = { maxTailBytes: 0, maxSegments: 3, compactionsPerSweep: 1 }
  const drivers = [aDriver(updates, aContainer(store, options)), aDriver(updates, aContainer(store, options))]
  const named: number[] = []
  for (let i = 0; i < 12; i += 1) named.push((await drivers[i % 2]?.run(oneRow(i)))?.segments ?? 0)
  expect(Math.max(...named)).toBe(3)
  const rows = Array.from({ length: 12 }, (_, i) => `t-0:${i}`).slice(9)
  expect(drivers[1]?.outputs.at(-1)?.rows.map(({ acc }) => acc)).toEqual([rows.join(' ')])
})

test('what died beside a shard is swept by whoever reads the shard anew and compacts it, and looked for by nobody else', async () => {
  const memory = memoryState()
  let listings = 0
  const store: StateStore = {
    ...memory,
    range: (...range) => {
      listings += 1
      return memory.range(...range)
    },
  }
  const options = { maxTailBytes: 0, maxSegments: 1, compactionsPerSweep: 1 }
  const driver = aDriver(updates, aContainer(store, options))
  for (let i = 0; i < 4; i += 1) await driver.run(oneRow(i))
  expect(listings).toBe(0)
  const pk = `ticks#${(await readProgress(store, 'ticks'))?.gen}#0`
  await store.exchange([{ pk, sk: 'seg#2#dead#0', rev: 'dead', body: Buffer.from('') }], [])
  const other = aDriver(updates, aContainer(store, options))
  await other.run(oneRow(4))
  expect(listings).toBe(1)
  expect(await storedSegments(other)).toEqual(['snap#4'])
})
