// What an archive looks like, and which files are none.
import { testDriver } from 'microbatch/testing'
import { beforeAll, expect, test } from 'vitest'
import { accountOf, linesWithKey } from '../../../lib/state/archive/account.ts'
import { archiveLines, movedState, parseArchive } from '../../../lib/state/archive/archive.ts'
import { archivedLine, loggedLine } from '../../../lib/state/archive/archived-line.ts'
import { type KeptState, readKeptState } from '../../../lib/state/archive/kept-state.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { openingBellMs } from '../../builders.ts'
import { batchesOf, movingQueries, partitions } from './moving-queries.ts'

const query = movingQueries['windows, update']
let kept: KeptState
let lines: readonly string[]

beforeAll(async () => {
  if (query === undefined) throw new Error('a query')
  const state = memoryState()
  const driver = testDriver(query('bars'), { partitions, state, now: () => 50 })
  const seconds = [1, 2, 6, 9, 12]
  for (const batch of batchesOf(
    seconds.map((second) => [
      { second, symbol: 'AAPL', partition: 0 },
      { second, symbol: 'MSFT', partition: 1 },
    ]),
  ))
    await driver.addRecords(batch)
  const found = await readKeptState(state, 'bars')
  if (found === undefined) throw new Error('no state')
  kept = found
  lines = [...archiveLines(movedState(kept, 1000))]
})

test('is lines of JSON: how far the query has come, each shard, its groups, and a checksum', () => {
  const [header, shard, ...rest] = lines.map((line) => JSON.parse(line))
  expect(header).toMatchObject({
    archive: 'microbatch-state',
    version: 1,
    query: 'bars',
    takenAtMs: 1000,
    progress: {
      n: 5,
      next: [
        ['t-0', 5],
        ['t-1', 5],
      ],
    },
  })
  expect(shard).toMatchObject({
    shard: 0,
    lines: rest.length - 1,
    head: {
      applied: [
        ['t-0', 5],
        ['t-1', 5],
      ],
    },
  })
  expect(rest[0]).toMatchObject({ end: openingBellMs + 10_000, key: ['AAPL'], acc: expect.any(Array), version: 4 })
  expect(rest.at(-1)).toEqual({ end: 'archive', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
})

test.each([
  ['a group', '15000\t3\t["t-0",17]\t["AAPL"]\t[1,2.5]'],
  ['a group that never ends', '\t3\t\t["AAPL"]\t[1]'],
  ['an entry of an operator', '*\t3\t["due",9]\t2:["AAPL"]\u001f7\t{"a":1}'],
  ['a row that is owed', '+\t3\t["t-0",17]\tno JSON\t[1]'],
  ['numbers that JSON would write otherwise', '15000\t3\t\t[1.0]\t[-0, 1e400,12345678901234567890]'],
  ['names that are none', '15000\t3\t\t["__proto__"]\t{"__proto__":1,"2":1,"1":2}'],
])('%s comes back to the letter', (_, line) => {
  expect(loggedLine(JSON.parse(archivedLine(line)))).toBe(line)
})

const changed = (at: number, change: (line: string) => string | undefined) =>
  lines.flatMap((line, i) => (i === at ? (change(line) ?? []) : [line]))

test.each([
  ['an empty file', () => [], 'it ends after line 0'],
  ['another file', () => ['{"recording":1}', '{}'], 'line 1: it is not the first line of an archive of state'],
  ['one that was cut short', () => lines.slice(0, -1), 'cut short'],
  [
    'a number that was changed',
    () => changed(3, (line) => line.replace('"version":4', '"version":5')),
    'are not those written',
  ],
  ['a line that was taken out', () => changed(3, () => undefined), 'it is no group'],
  [
    'a group that is none',
    () => changed(2, () => '{"end":1}'),
    'line 3: it is no group, and nothing else that is kept',
  ],
  ['something after the end', () => [...lines, '{}'], 'it comes after the end'],
  ['a version to come', () => changed(0, (line) => line.replace('"version":1', '"version":2')), 'is of version 2'],
])('%s is refused', async (_, damaged, message) => {
  await expect(parseArchive(damaged())).rejects.toMatchObject({
    code: 'ARCHIVE_INVALID',
    message: expect.stringContaining(message),
  })
})

test('the account says how far a query has come, and how much it keeps', () => {
  expect(accountOf(kept)).toMatchObject({
    query: 'bars',
    batches: 5,
    watermarkMs: openingBellMs + 8_000,
    closedMs: null,
    lastBatchAtMs: 50,
    partitions: [
      { tp: 't-0', nextOffset: 5, appliedOffset: 5, maxEventTimeMs: openingBellMs + 12_000 },
      { tp: 't-1', nextOffset: 5, appliedOffset: 5 },
    ],
    shards: [{ shard: 0, groups: 4, openGroups: 4, openWindows: 2, owedRows: 0, entries: [], appends: 5 }],
  })
})

test('what lies under a key is found by the key or one of its columns', () => {
  expect([...linesWithKey(kept, 'AAPL')].map(({ key, endMs, kind }) => ({ key, endMs, kind }))).toEqual([
    { key: '["AAPL"]', endMs: openingBellMs + 10_000, kind: 'group' },
    { key: '["AAPL"]', endMs: openingBellMs + 15_000, kind: 'group' },
  ])
  expect([...linesWithKey(kept, '["MSFT"]')]).toHaveLength(2)
  expect([...linesWithKey(kept, 'A')]).toEqual([])
})
