// limit in a stream: the first rows that ever come, in append mode; a table's first rows in complete mode; and orders by several columns.

import { describe, expect, test } from 'vitest'
import { asc, count, desc, long, stream, string, struct, sum, timestamp, window } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { keepingSink } from '../builders.ts'

const Event = struct({ id: string().nullable(), at: timestamp(), amount: long() })
const events = stream('events').rows(Event)
const write = { sinks: [keepingSink()], watermarkPolicy: 'max' } as const

const event = (id: string | null, second: number, amount = 1) => ({ id, at: second * 1_000, amount })

describe('limit in append mode', () => {
  test('counts over all batches, restarts and redeliveries', async () => {
    const driver = testDriver(events.limit(3).writeStream(write))
    const ids = []
    for (const batch of [[event('a', 1), event('b', 2)], [event('c', 3), event('d', 4)], [event('e', 5)]]) {
      const { emitted } = await driver.addRows(batch)
      ids.push(emitted.map(({ row }) => row.id))
      await driver.restart()
      expect((await driver.redeliver()).emitted).toEqual(emitted)
    }
    expect(ids).toEqual([['a', 'b'], ['c'], []])
  })

  test('goes before operators, and after them', async () => {
    const first = testDriver(
      events
        .limit(2)
        .groupBy('id')
        .count()
        .writeStream({ ...write, outputMode: 'complete' }),
    )
    await first.addRows([event('a', 1), event('b', 2), event('b', 3)])
    expect((await first.addRows([event('c', 4)])).rows).toEqual([
      { id: 'a', count: 1 },
      { id: 'b', count: 1 },
    ])
    const windows = events.withWatermark('at', '1 second').groupBy(window('at', '5 seconds')).count().limit(1)
    const last = testDriver(windows.where((row) => row.count > 0).writeStream(write))
    await last.addRows([event('a', 1), event('a', 3)])
    expect((await last.addRows([event('a', 20)])).rows).toEqual([{ window: { start: 0, end: 5_000 }, count: 2 }])
    expect((await last.addRows([event('a', 40)])).rows).toEqual([])
  })

  test('gives a late row no place', async () => {
    const query = events.withWatermark('at', '0 seconds').limit(2).groupBy(window('at', '5 seconds')).count()
    const driver = testDriver(query.writeStream(write))
    await driver.addRows([event('a', 10)])
    const { late } = await driver.addRows([event('b', 1), event('c', 12)])
    expect(late).toHaveLength(1)
    expect((await driver.addRows([event('d', 30)])).rows).toEqual([
      { window: { start: 10_000, end: 15_000 }, count: 2 },
    ])
  })

  test('takes one shard, and is refused in update mode in the words of Spark', () => {
    expect(() => testDriver(events.limit(3).writeStream(write), { shards: 2 })).toThrow('limit counts the rows')
    expect(() => events.limit(3).writeStream({ ...write, outputMode: 'update' })).toThrow(
      'Limits are not supported on streaming DataFrames/Datasets in Update output mode',
    )
  })

  test('of none lets none through', async () => {
    const driver = testDriver(events.limit(0).writeStream(write))
    expect((await driver.addRows([event('a', 1)])).rows).toEqual([])
  })
})

describe('an order by several columns', () => {
  const totals = events.groupBy('id').agg({ total: sum('amount'), n: count() })
  const rows = [event('b', 1, 2), event('a', 1, 2), event('c', 1, 5), event(null, 1, 2), event('c', 2, 0)]
  const idsOf = (given: readonly { readonly id: string | null }[]) => given.map(({ id }) => id)

  test('is by the first, then by the next; nulls first ascending, last descending', () => {
    expect(idsOf(totals.orderBy(desc('total'), 'id').runBatch(rows))).toEqual(['c', null, 'a', 'b'])
    expect(idsOf(totals.orderBy('total', desc('id')).runBatch(rows))).toEqual(['b', 'a', null, 'c'])
    expect(idsOf(totals.orderBy(asc('n'), asc('id')).runBatch(rows))).toEqual([null, 'a', 'b', 'c'])
    expect(idsOf(totals.orderBy('id', 'desc').runBatch(rows))).toEqual(['c', 'b', 'a', null])
  })

  test('names columns that there are', () => {
    // @ts-expect-error: no such column
    expect(() => totals.orderBy(desc('amount'))).toThrow('cannot be resolved')
    // @ts-expect-error: no such column
    expect(() => totals.orderBy('total', 'amount')).toThrow('cannot be resolved')
  })
})
