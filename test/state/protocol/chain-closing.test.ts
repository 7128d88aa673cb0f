// When a batch of a query with stateful operators may leave closing out: only where nothing is due, and it surely knows all there is.
import { expect, test } from 'vitest'

import { eventTimeMs, wallTimeMs } from '../../../lib/aggregate/time.ts'
import type { Located } from '../../../lib/query/chain/stage-operator.ts'
import { applyBatch } from '../../../lib/state/protocol/apply-batch.ts'
import { stateContainer } from '../../../lib/state/protocol/container.ts'
import type { Batch } from '../../../lib/state/protocol/operators/stateful-query.ts'
import { protocolRules } from '../../../lib/state/protocol/rules.ts'
import type { StateStore } from '../../../lib/state/store.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { chainQuery } from '../chain-schedule/chain-query.ts'

const query = chainQuery('windows, then dropDuplicates', { policy: 'max', delayMs: 5 }, 1)

const aBatch = (partition: number, from: number, ...times: readonly number[]): Batch<Located> => {
  const rows = times.map((at, i): Located => {
    const offset = from + i
    return {
      row: { id: `${offset}`, key: 'a', at },
      at: { topic: 't', partition, offset, timestamp: 1, timestampType: 0 },
    }
  })
  const at = rows.map((row) => row.at)
  const maxEventTimeMs = eventTimeMs(Math.max(...times))
  return {
    partitions: [{ tp: `t-${partition}`, partition, records: at, rows, at, maxEventTimeMs, deadLetterOffsets: [] }],
  }
}

async function run(store: StateStore, batch: Batch<Located>, rules = protocolRules) {
  const applied = await applyBatch(stateContainer(store, { rules }), query, batch, wallTimeMs(0))
  const { rows } = await applied.output()
  const { usage } = await applied.acknowledge()
  return { ids: rows.map(({ id }) => id), calls: usage.calls }
}

test('a batch in which nothing is due does not bind, and costs four calls', async () => {
  const store = memoryState()
  await run(store, aBatch(0, 0, 10))
  expect(await run(store, aBatch(0, 1, 12))).toMatchObject({ ids: [] })
  expect((await run(store, aBatch(0, 2, 13))).calls).toBeLessThanOrEqual(4 + 1)
})

/** A store in which somebody else's whole batch happens before this one commits for the first time. */
function interrupted(store: StateStore, other: () => Promise<unknown>): StateStore {
  let isDone = false
  return {
    ...store,
    get: (key) => store.get(key),
    range: (...range) => store.range(...range),
    exchange: (added, removed) => store.exchange(added, removed),
    close: () => store.close(),
    async put(item, expectedRev) {
      if (item.sk === 'progress' && expectedRev !== null && !isDone) {
        isDone = true
        await other()
      }
      return store.put(item, expectedRev)
    },
  }
}

test.each([
  { what: 'closes what another batch brought between', rules: protocolRules, ids: ['p0000000000000060#["a"]'] },
  { what: 'would miss it without the rule', rules: { ...protocolRules, isNext: () => true }, ids: [] },
])('a batch that moves the watermark over an end $what', async ({ rules, ids }) => {
  const store = memoryState()
  const other = () => run(store, aBatch(1, 0, 55), rules)
  expect((await run(interrupted(store, other), aBatch(0, 0, 100), rules)).ids).toEqual(ids)
})

test('a flush closes, though it has no copy of its own', async () => {
  const store = memoryState()
  await run(store, aBatch(0, 0, 10))
  const { output } = await applyBatch(stateContainer(store), query, aBatch(0, 1, 40), wallTimeMs(0))
  // Nobody acknowledges: the window to 20 is still to be closed.
  await output()
  expect((await run(store, { partitions: [] })).ids).toEqual(['p0000000000000020#["a"]'])
})
