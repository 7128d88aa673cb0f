// The queries that are off unless they are asked for: what they show of the producer's market.
import { expect, test } from 'vitest'

import { readSettings } from '../../handlers/config.ts'
import { moves, sessions } from '../../handlers/queries.ts'
import { listings, ticksAt } from '../../handlers/ticks/generator.ts'
import { testDriver } from '../../lib/testing/index.ts'

const settings = readSettings({})
const openingS = 1_767_623_400
const quiet = listings.slice(0, 1).map(({ symbol }) => ({ symbol, price: 100, volume: 10, timestamp: openingS * 1000 }))
const aTick = (second: number, change: { readonly price?: number; readonly volume?: number }) =>
  quiet.map((tick) => ({ ...tick, timestamp: (openingS + second) * 1000, ...change }))

test('a move is a price that went far within ten seconds, and the next is measured from it', async () => {
  const driver = testDriver(moves('stock-ticks', settings), { partitions: 3 })
  const { rows } = await driver.addRows([
    ...aTick(0, { price: 100 }),
    ...aTick(9, { price: 100.2 }),
    ...aTick(10, { price: 100.25 }),
    ...aTick(25, { price: 110 }),
    ...aTick(26, { price: 99 }),
  ])
  expect(rows.map(({ from, to, percent }) => [from, to, percent])).toEqual([
    [100, 100.2, 0.2],
    [110, 99, -10],
  ])
})

test('a session is a stretch of much trading, printed when it is over', async () => {
  const driver = testDriver(sessions('stock-ticks', settings), { partitions: 1 })
  await driver.addRows([...aTick(0, { volume: 2_000 }), ...aTick(2, { volume: 1_500 }), ...aTick(3, { volume: 5 })])
  const { rows } = await driver.addRows(aTick(30, { volume: 1_300 }))
  expect(rows).toMatchObject([{ symbol: 'AAPL', ticks: 2, volume: 3_500 }])
  const start = openingS * 1000
  expect(rows[0]?.session_window).toEqual({ start, end: start + 5_000 })
})

test('the market of the producer shows some of both in a few minutes', async () => {
  const drivers = [testDriver(moves('stock-ticks', settings)), testDriver(sessions('stock-ticks', settings))]
  for (const driver of drivers) {
    let shown = 0
    for (let second = 0; second < 300; second += 3) {
      const ticks = [0, 1, 2].flatMap((more) => ticksAt(42, 5, openingS + second + more))
      shown += (await driver.addRows(ticks)).rows.length
    }
    expect(shown).toBeGreaterThan(5)
  }
})
