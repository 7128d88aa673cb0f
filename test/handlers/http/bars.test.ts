// The bars over HTTP: what is asked, what goes back, and what is said where there is nothing.

import { afterAll, expect, test, vi } from 'vitest'
import { readSettings } from '../../../handlers/config.ts'
import { barsOf } from '../../../handlers/http/bars.ts'
import { bars } from '../../../handlers/queries.ts'
import { memoryState, queryState, type StateStore } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { aTick, openingBellMs } from '../../builders.ts'

vi.spyOn(console, 'log').mockImplementation(() => undefined)
const written: string[] = []
const capture = (chunk: unknown): boolean => written.push(String(chunk)) > 0
const streams = [process.stdout, process.stderr].map((out) => vi.spyOn(out, 'write').mockImplementation(capture))
afterAll(() => {
  for (const spy of streams) spy.mockRestore()
})

const query = bars('stock-ticks', readSettings({}))

/** The handler over the state of a stream that has had these batches of ticks. */
async function handlerAfter(...batches: readonly (readonly (readonly [second: number, symbol: string])[])[]) {
  const state = memoryState()
  const driver = testDriver(query, { state, partitions: 1 })
  const records = (batch: readonly (readonly [number, string])[]) =>
    batch.map(([second, symbol]) => ({
      value: JSON.stringify(aTick({ symbol, timestamp: openingBellMs + second * 1000 })),
    }))
  for (const batch of batches) await driver.addRecords(records(batch))
  return handlerOver(state)
}

function handlerOver(state: StateStore) {
  const handle = barsOf(queryState(query, state))
  return async (symbol: string, more: Readonly<Record<string, string>> = {}) => {
    const { statusCode, headers, body } = await handle({
      pathParameters: { symbol },
      queryStringParameters: more,
    })
    return { statusCode, headers, body: JSON.parse(body ?? '') }
  }
}

const spoken = (error: string) => ({ body: { error } })

test('the bars of a symbol come with the batch that they are of, and nobody may keep them', async () => {
  const get = await handlerAfter([
    [0, 'AAPL'],
    [4, 'AAPL'],
    [4, 'MSFT'],
  ])
  const { statusCode, headers, body } = await get('AAPL')
  expect({ statusCode, headers }).toEqual({
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  })
  expect(body).toEqual({
    symbol: 'AAPL',
    bars: [0, 3].map((second) => {
      const start = openingBellMs + second * 1000
      const prices = { open: 150.5, high: 150.5, low: 150.5, close: 150.5, vwap: 150.5 }
      return { window: { start, end: start + 3000 }, symbol: 'AAPL', ticks: 1, ...prices, volume: 1000 }
    }),
    asOf: {
      batchId: 0,
      watermark: new Date(openingBellMs - 6000).toISOString(),
      offsets: { 'stock-ticks-0': 3 },
    },
  })
})

test('a limit leaves the newest', async () => {
  const get = await handlerAfter([
    [0, 'AAPL'],
    [4, 'AAPL'],
    [7, 'AAPL'],
  ])
  const { body } = await get('AAPL', { limit: '2' })
  expect(body.bars.map(({ window }: { window: { start: number } }) => window.start - openingBellMs)).toEqual([
    3000, 6000,
  ])
})

test('what has no bar is not found, in words', async () => {
  const get = await handlerAfter([[0, 'AAPL']])
  expect(await get('TSLA')).toMatchObject({ statusCode: 404, ...spoken('No bar of TSLA is open.') })
})

test('before the first batch it says that the stream has not begun, and when to ask again', async () => {
  expect(await (await handlerAfter())('AAPL')).toMatchObject({
    statusCode: 503,
    headers: { 'retry-after': '3' },
    ...spoken('The stream has not ended its first batch yet.'),
  })
})

test.each([
  ['A B', {}, 'symbol: expected up to 20 letters, digits, dots and dashes'],
  ['<script>', {}, 'symbol: expected'],
  ['AAPL', { limit: '0' }, 'limit: '],
  ['AAPL', { limit: 'ten' }, 'limit: '],
  ['AAPL', { limit: '1001' }, 'limit: '],
])('the question %j with %j is refused', async (symbol, more, words) => {
  const get = await handlerAfter([[0, 'AAPL']])
  const { statusCode, body } = await get(symbol, more)
  expect(statusCode).toBe(400)
  expect(body.error).toContain(words)
  expect(body.error).not.toContain('script')
})

test('a parameter of the query does not stand for that of the path', async () => {
  const get = await handlerAfter([[0, 'AAPL']])
  expect((await get('MSFT', { symbol: 'AAPL' })).statusCode).toBe(404)
})

test('why a question failed is in the log, and not in the answer', async () => {
  const failing = { ...memoryState(), get: () => Promise.reject(new Error('table secret-table does not answer')) }
  const { statusCode, body } = await handlerOver(failing)('AAPL')
  expect({ statusCode, body }).toEqual({
    statusCode: 500,
    body: { error: 'The question failed; the log of the function says why.' },
  })
  expect(written.join('')).toContain('secret-table')
})

test('the state of another version of the query is no answer', async () => {
  const state = memoryState()
  const other = bars('stock-ticks', readSettings({ WINDOW: '1 minute' }))
  await testDriver(other, { state }).addRecords([{ value: JSON.stringify(aTick()) }])
  expect(await handlerOver(state)('AAPL')).toMatchObject({
    statusCode: 503,
    ...spoken('The state is of another version of the query.'),
  })
})
