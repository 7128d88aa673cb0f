import { expect, test } from 'vitest'
import { queryNames, startBatch } from '../../handlers/batch.ts'
import { aRecord, aTick, openingBellMs, recordsOf } from '../builders.ts'

test('the queries are those of the consumers, by their names', () => {
  expect([...queryNames].sort()).toEqual(['bars', 'tape'])
  expect(() => startBatch('nothing')).toThrow(/There is no query nothing .*bars/)
})

test('records in any order and any number of parts give one result', async () => {
  const ticks = Array.from({ length: 40 }, (_, i) =>
    aTick({ price: 100 + (i % 7), timestamp: openingBellMs + i * 400 }),
  )
  const records = recordsOf(ticks)
  const whole = startBatch('bars')
  await whole.add(records)
  const parts = startBatch('bars')
  for (const record of records.toReversed()) await parts.add([record])
  expect(parts.result()).toEqual(whole.result())
  expect(whole.result()).toMatchObject({ numRows: 6, numBad: 0 })
})

test('nothing gives the header alone', () => {
  expect(startBatch('bars').result().table.split('\n')[1]).toMatch(/^\|window\|symbol\|ticks\|open\|/)
})

test('a bad record is counted, and the first few say where they stand and why', async () => {
  const run = startBatch('tape')
  await run.add([
    aRecord({ value: aTick() }),
    ...recordsOf(
      Array.from({ length: 8 }, () => 'no JSON'),
      { offset: 1 },
    ),
  ])
  const { numRows, numBad, firstBad } = run.result()
  expect({ numRows, numBad }).toEqual({ numRows: 1, numBad: 8 })
  expect(firstBad).toHaveLength(5)
  expect(firstBad[0]).toMatch(/^stock-ticks-0@1: NOT_JSON \(.+\)$/)
})

test('a sum that a double cannot hold exactly is null, never rounded', async () => {
  const run = startBatch('bars')
  const volume = Number.MAX_SAFE_INTEGER
  await run.add(recordsOf([aTick({ volume }), aTick({ volume })]))
  expect(run.result().table).toMatch(/\|NULL *\|NULL *\|\n/)
})

test('a table of more rows than a call takes arguments', async () => {
  const run = startBatch('tape')
  await run.add(recordsOf(Array.from({ length: 130_000 }, () => aTick())))
  expect(run.result().numRows).toBe(130_000)
}, 30_000)
