import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { checked, double, json, type StandardSchema, stream, string, struct } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { aRecord, keepingSink } from '../builders.ts'

const Trade = struct({ symbol: string(), price: double() })
const positive = z.object({ price: z.number().check(z.positive('a price is positive')) })
const record = (price: number) => aRecord({ value: JSON.stringify({ symbol: 'AAPL', price }) })

describe('a codec with a check', () => {
  const codec = checked(json(Trade), positive)

  test('gives the row as the codec made it', () => {
    expect(codec.decode(record(1))).toEqual({ kind: 'row', row: { symbol: 'AAPL', price: 1 } })
  })

  test('refuses what the check refuses, naming the column', () => {
    expect(codec.decode(record(-1))).toEqual({
      kind: 'malformed',
      reason: 'CHECK_FAILED',
      detail: 'column price: a price is positive',
    })
  })

  test('refuses what the codec refuses, and asks the check nothing', () => {
    expect(codec.decode(aRecord({ value: '{' }))).toMatchObject({ reason: 'NOT_JSON' })
  })

  test('keeps the policy: what it refuses is a dead letter, and the others go on', async () => {
    const query = stream('trades')
      .readKafka({ topic: 'stock-ticks' })
      .decode(codec)
      .writeStream({ sinks: [keepingSink()] })
    const { rows, deadLetters } = await testDriver(query).addRecords([record(-1), { ...record(2), offset: 1 }])
    expect(rows).toMatchObject([{ symbol: 'AAPL', price: 2 }])
    expect(deadLetters.map(({ reason }) => reason)).toEqual(['CHECK_FAILED'])
  })
})

test('a codec of several rows is checked row by row, and the others of a record go on', async () => {
  const query = stream('trades')
    .readKafka({ topic: 'stock-ticks' })
    .decode(checked(json(Trade, { many: 'array' }), positive))
    .writeStream({ sinks: [keepingSink()] })
  const value = '[{"symbol":"A","price":1},{"symbol":"B","price":-1},{"symbol":"C"},{"symbol":"D","price":2}]'
  const { rows, deadLetters } = await testDriver(query).addRecords([{ value }])
  expect(rows).toMatchObject([{ symbol: 'A' }, { symbol: 'D' }])
  expect(deadLetters.map(({ id, reason, value: bytes }) => [id, reason, String(bytes)])).toEqual([
    ['stock-ticks-0-0#1', 'CHECK_FAILED', '{"symbol":"B","price":-1}'],
    ['stock-ticks-0-0#2', 'WRONG_SHAPE', '{"symbol":"C"}'],
  ])
})

test('a check of the whole row has no column, and one that waits is none', () => {
  const check = (answer: unknown): StandardSchema => ({
    '~standard': { version: 1, vendor: 'ours', validate: () => answer as never },
  })
  const decode = (answer: unknown) => checked(json(Trade), check(answer)).decode(record(1))
  expect(decode({ issues: [{ message: 'no' }] })).toMatchObject({ detail: 'no' })
  expect(decode({ issues: [{ message: 'no', path: [{ key: 'a' }, 0] }] })).toMatchObject({ detail: 'column a.0: no' })
  expect(() => decode(Promise.reject(new Error('later')))).toThrow('the check of ours is asynchronous')
})
