import { memoryState } from 'microbatch'
import { accountOf, linesWithKey, readKeptState } from 'microbatch/state'
import { testDriver } from 'microbatch/testing'
import { expect, test } from 'vitest'
import { accountTable, accountText, linesText, timeText } from '../../../local/state/account-text.ts'
import { refuseAtWork } from '../../../local/state/consumer-guard.ts'
import { openingBellMs } from '../../builders.ts'
import { batchesOf, movingQueries, partitions } from '../../state/archive/moving-queries.ts'

async function keptBy(kind: string) {
  const query = movingQueries[kind]
  if (query === undefined) throw new Error(kind)
  const state = memoryState()
  const driver = testDriver(query('bars'), { partitions, state, now: () => openingBellMs })
  const batches = batchesOf([1, 9].map((second) => [0, 1].map((partition) => ({ second, symbol: 'AAPL', partition }))))
  for (const batch of batches) await driver.addRecords(batch)
  const kept = await readKeptState(state, 'bars')
  if (kept === undefined) throw new Error('no state')
  return kept
}

test('a query in columns: how far, how much, by partition and shard', async () => {
  const account = accountOf(await keptBy('windows, append'))
  expect(accountTable([account])).toEqual([
    expect.stringMatching(/^QUERY +MODE +SHARDS +BATCHES +GROUPS +ENTRIES +BYTES +WATERMARK +LAST BATCH$/),
    expect.stringMatching(/^bars +append +1 +2 +2 +0 +\d+ +2026-01-05T14:30:05.000Z +2026-01-05T14:30:00.000Z$/),
  ])
  const text = accountText(account, openingBellMs + 7_000).join('\n')
  expect(text).toMatch(/^bars: 2 groups, 0 entries of operators, \d+ bytes\n {2}batches +2, the last 7 s ago/)
  expect(text).toMatch(/^ {2}watermark +2026-01-05T14:30:05.000Z; closed up to 2026-01-05T14:30:05.000Z$/m)
  expect(text).toMatch(/^t-0 +2 +2 +2026-01-05T14:30:09.000Z/m)
  expect(text).toMatch(/^0 +2 +1 +1 +0 +0 +0 +\d+ +\d+ +2026-01-05T14:30:05.000Z$/m)
})

test('what lies under a key: groups, and entries of operators', async () => {
  const groups = linesText([...linesWithKey(await keptBy('windows, append'), 'AAPL')])
  // The one that has ended is out, and goes with the next append.
  expect(groups[2]).toMatch(/^group +\["AAPL"\] +2026-01-05T14:30:10.000Z +\[/)
  const entries = linesText([...linesWithKey(await keptBy('a state of its own'), 'AAPL')])
  expect(entries.join('\n')).toMatch(/^entry of operator 0 +\S*AAPL\S* +- +/m)
})

test('a time that no calendar has is its number', () => {
  expect([timeText(null), timeText(0), timeText(1e300)]).toEqual(['-', '1970-01-01T00:00:00.000Z', '1e+300'])
})

test('a consumer is taken to be at work for a minute after its last batch, unless it is said that it has ended', () => {
  const standing = { rev: 'r', lastBatchAtMs: 1_000 }
  const refused = expect.objectContaining({
    code: 'STATE_UNUSABLE',
    message: expect.stringContaining('committed 59 s ago'),
  })
  expect(() => refuseAtWork('bars', standing, 60_000, false)).toThrow(refused)
  expect(() => refuseAtWork('bars', standing, 61_001, false)).not.toThrow()
  expect(() => refuseAtWork('bars', standing, 1_000, true)).not.toThrow()
  expect(() => refuseAtWork('bars', undefined, 1_000, false)).not.toThrow()
})
