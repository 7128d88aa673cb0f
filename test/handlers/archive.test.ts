import { expect, test } from 'vitest'
import { archiveQuery } from '../../handlers/archive.ts'
import { testDriver } from '../../lib/testing/index.ts'

const openingMs = Date.parse('2026-01-05T14:30:00Z')
const aTick = (second: number, price: number) => ({
  symbol: 'AAPL',
  price,
  volume: 10,
  timestamp: openingMs + second * 1000,
})

test('a bar of a minute is archived once, when it is final, under its symbol and the day on which it began', async () => {
  const driver = testDriver(archiveQuery, { partitions: 1 })
  expect((await driver.addRows([aTick(0, 100), aTick(59, 101), aTick(60, 90)])).rows).toEqual([])
  const { rows } = await driver.addRows([aTick(70, 91), aTick(71, 92)])
  expect(rows).toEqual([
    {
      window: { start: openingMs, end: openingMs + 60_000 },
      ...{ symbol: 'AAPL', date: '2026-01-05', ticks: 2, open: 100, high: 101, low: 100, close: 101, volume: 20 },
    },
  ])
  const nextDay = await driver.addRows([aTick(24 * 3600, 100), aTick(24 * 3600 + 90, 100)])
  expect(nextDay.rows).toMatchObject([{ date: '2026-01-05' }, { date: '2026-01-06' }])
})
