// A compaction that fails is no failure of the batch, all of which counts by then.
import { expect, test } from 'vitest'

import type { StateStore } from '../../../lib/state/store.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { aBatch, aContainer, aDriver, aQuery } from '../tick-batches.ts'

/** A store whose `remove`, the last step of a compaction, fails while it is told to. */
function failingStore() {
  const memory = memoryState()
  const failing = { isFailing: true, removed: 0 }
  const store: StateStore = {
    ...memory,
    get: memory.get.bind(memory),
    put: memory.put.bind(memory),
    range: memory.range.bind(memory),
    async remove(items) {
      if (failing.isFailing) throw new Error('the store is throttled')
      failing.removed += items.length
      return memory.remove(items)
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
