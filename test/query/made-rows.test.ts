// Rows that stateful operators make of others: one that the next operator cannot take, or that is too long to be kept, is set aside as
// a record is, and stops no query.

import { describe, expect, test } from 'vitest'
import {
  aggregate,
  count,
  double,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
  windowTime,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { keepingSink } from '../builders.ts'
import { bars, event, events, write } from './bars-of-events.ts'

/** Throws on the bar, or the event, that has this amount. */
const unlucky = ({ amount }: { readonly amount: number | null }): number | null => {
  if (amount === 13) throw new Error('thirteen')
  return amount
}

interface Letters {
  readonly deadLetters: readonly { readonly reason: string; readonly value: Uint8Array | null }[]
}
const lettersOf = ({ deadLetters }: Letters) =>
  deadLetters.map(({ reason, value }) => `${reason} ${Buffer.from(value ?? []).toString()}`)
const letterOfBar = 'FUNCTION_FAILED {"window":{"start":0,"end":5000},"id":"a","amount":13}'

describe('a function that throws', () => {
  test('on a row that event time has brought sets that row aside, in the last aggregation', async () => {
    const query = bars.groupBy(window(windowTime('window'), '10 seconds')).agg({ amount: sum(unlucky) })
    const driver = testDriver(query.writeStream(write))
    await driver.addRows([event('a', 1, 13), event('b', 2)])
    const batch = await driver.addRows([event('a', 60)])
    expect(lettersOf(batch)).toEqual([letterOfBar])
    expect(batch.rows).toEqual([{ window: { start: 0, end: 10_000 }, amount: 1 }])
    await driver.restart()
    expect((await driver.redeliver()).emitted).toEqual([])
  })

  test('and in one that others follow, also where the aggregate is the query’s own', async () => {
    const own = aggregate({
      init: () => 0,
      add: (total: number, row: { readonly amount: number | null }) => total + (unlucky(row) ?? 0),
      merge: (left, right) => left + right,
      result: (total) => total,
      column: double(),
      version: 1,
    })
    for (const again of [sum(unlucky), own]) {
      const query = bars
        .groupBy(window(windowTime('window'), '10 seconds'))
        .agg({ amount: again })
        .groupBy(window(windowTime('window'), '20 seconds'))
        .agg({ windows: count(), amount: sum('amount') })
      const driver = testDriver(query.writeStream(write))
      await driver.addRows([event('a', 1, 13), event('b', 2)])
      const batch = await driver.addRows([event('a', 100)])
      expect(lettersOf(batch)).toEqual([letterOfBar])
      expect(batch.rows).toEqual([{ window: { start: 0, end: 20_000 }, windows: 1, amount: 1 }])
    }
  })

  test('on a delivered row sets that aside where the aggregation is one that others follow', async () => {
    const query = events
      .groupBy(window('at', '5 seconds'), 'id')
      .agg({ amount: sum(unlucky) })
      .groupBy(window(windowTime('window'), '10 seconds'))
      .agg({ bars: count() })
    const driver = testDriver(query.writeStream(write))
    expect(lettersOf(await driver.addRows([event('a', 1, 13), event('b', 2)]))).toEqual([
      'FUNCTION_FAILED {"id":"a","at":1000,"amount":13}',
    ])
    expect((await driver.addRows([event('a', 60)])).rows).toEqual([{ window: { start: 0, end: 10_000 }, bars: 1 }])
  })

  test('in the condition of a join that event time brings rows to sets those aside', async () => {
    const Name = struct({ id: string(), name: string(), since: timestamp() })
    const names = stream('names').rows(Name).withWatermark('since', '10 seconds')
    const query = bars.join(names, { on: ['id'], where: (bar) => unlucky(bar) !== null })
    const driver = testDriver(query.writeStream(write))
    const source = { source: 'names' }
    await driver.addRows(
      ['a', 'b'].map((id) => ({ id, name: id.toUpperCase(), since: 1_000 })),
      source,
    )
    await driver.addRows([event('a', 1, 13), event('b', 2)])
    await driver.addRows([{ id: 'c', name: 'C', since: 60_000 }], source)
    const batch = await driver.addRows([event('c', 60)])
    expect(lettersOf(batch)).toEqual([letterOfBar])
    expect(batch.rows).toMatchObject([{ id: 'b', name: 'B' }])
  })

  test('sees the columns that were made behind dropDuplicates, in a stream as in a batch', async () => {
    const query = events
      .dropDuplicates('id', 'at')
      .withColumn('tag', ({ id }) => `${id}!`, string())
      .groupBy(window('at', '5 seconds'))
      .agg({ length: sum(({ tag }) => tag.length) })
    const driver = testDriver(query.writeStream(write))
    expect((await driver.addRows([event('a', 1), event('b', 2)])).deadLetters).toEqual([])
    const whole = [{ window: { start: 0, end: 5_000 }, length: 4 }]
    expect((await driver.addRows([event('a', 60)])).rows).toEqual(whole)
    expect(query.runBatch([event('a', 1), event('b', 2)])).toEqual(whole)
  })

  test('and so does one that gives no number, in the last aggregation and in one that others follow', async () => {
    const wrong = ({ amount }: { readonly amount: number | null }) => (amount === 13 ? 'x' : amount) as number
    const first = events.groupBy(window('at', '5 seconds'), 'id').agg({ amount: sum(wrong) })
    const once = testDriver(first.groupBy(window('window', '10 seconds')).agg({ bars: count() }).writeStream(write))
    const early = await once.addRows([event('a', 1, 13), event('b', 2)])
    expect(lettersOf(early)).toEqual(['WRONG_SHAPE {"id":"a","at":1000,"amount":13}'])
    expect((await once.addRows([event('a', 60)])).rows).toMatchObject([{ bars: 1 }])

    const last = bars.groupBy(window('window', '10 seconds')).agg({ amount: sum(wrong) })
    const again = testDriver(last.writeStream(write))
    await again.addRows([event('a', 1, 13), event('b', 2)])
    const late = await again.addRows([event('a', 60)])
    expect(lettersOf(late)).toEqual([letterOfBar.replace('FUNCTION_FAILED', 'WRONG_SHAPE')])
    expect(late.rows).toMatchObject([{ amount: 1 }])
  })

  test('ends a batch query, and says on what', () => {
    const names = stream('names').rows(struct({ id: string(), name: string() }))
    const query = events.join(names, { on: ['id'], where: (row) => unlucky(row) !== null })
    const run = (amount: number) =>
      query.runBatch([event('a', 1, amount)], { sources: { names: [{ id: 'a', name: 'A' }] } })
    expect(run(12)).toHaveLength(1)
    expect(() => run(13)).toThrow(
      expect.objectContaining({ code: 'FUNCTION_FAILED', message: expect.stringContaining('thirteen') }),
    )
  })
})

/** Text that no compression makes shorter than half. */
const noise = (length: number, seed: number): string => {
  let state = seed
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return String.fromCharCode(0x4e00 + ((state >>> 8) % 20_000))
  }).join('')
}

describe('a row that is too long to be kept', () => {
  const Note = struct({ id: string(), text: string() })
  const long = (seed: number) => ({ id: 'a', text: noise(10_000, seed) })
  test('which a join of many rows makes is set aside, and the join goes on', async () => {
    const sides = Array.from({ length: 11 }, (_, i) => stream(`side${i}`).rows(Note))
    const query = sides.reduce(
      (joined, side, i) => joined.join(side, { on: ['id'], prefix: `p${i}_` }) as never,
      stream('notes').rows(Note),
    )
    const driver = testDriver(query.writeStream({ sinks: [keepingSink()] }))
    for (let i = 0; i < 11; i += 1) await driver.addRows([long(i), { id: 'b', text: 'b' }], { source: `side${i}` })
    const batch = await driver.addRows([long(99), { id: 'b', text: 'b' }])
    expect(batch.deadLetters.map(({ reason }) => reason)).toEqual(['VALUE_TOO_LONG'])
    expect(batch.rows).toMatchObject([{ id: 'b' }])
  })

  test('which columns made behind an operator, too', async () => {
    const query = stream('notes')
      .rows(Note)
      .dropDuplicates('id')
      .withColumn('more', ({ text }) => noise(text.length, 5), string())
      .dropDuplicates('more')
    const driver = testDriver(query.writeStream({ sinks: [keepingSink()] }))
    const batch = await driver.addRows([
      { id: 'a', text: 'x'.repeat(32_000) },
      { id: 'b', text: 'b' },
    ])
    expect(batch.rows).toHaveLength(2)
    const huge = query
      .withColumn('most', ({ id }) => noise(id === 'a' ? 200_000 : 2, 6), string())
      .dropDuplicates('most')
    const other = await testDriver(huge.writeStream({ sinks: [keepingSink()] })).addRows([
      { id: 'a', text: 'a' },
      { id: 'b', text: 'b' },
    ])
    expect(other.deadLetters.map(({ reason, detail }) => `${reason} ${detail}`)).toEqual([
      'VALUE_TOO_LONG columns id, text, more, most of a row that an operator made: 600013, allowed: 320000',
    ])
    expect(other.rows).toMatchObject([{ id: 'b' }])
  })

  test('is set aside as well where a function that throws is the error of its batch', async () => {
    const query = stream('notes')
      .rows(Note)
      .dropDuplicates('id')
      .withColumn(
        'more',
        ({ id }) => (id === 'c' ? `${unlucky({ amount: 13 })}` : noise(id === 'a' ? 200_000 : 2, 6)),
        string(),
      )
      .dropDuplicates('more')
    const sink = keepingSink()
    const driver = testDriver(query.writeStream({ sinks: [sink], onFunctionError: 'fail' }))
    const batch = await driver.addRows([
      { id: 'a', text: 'a' },
      { id: 'b', text: 'b' },
    ])
    expect(batch.deadLetters.map(({ reason, detail }) => `${reason} ${detail}`)).toEqual([
      'VALUE_TOO_LONG columns id, text, more of a row that an operator made: 600008, allowed: 320000',
    ])
    expect(batch.rows).toMatchObject([{ id: 'b' }])
    await expect(
      driver.addRows([
        { id: 'd', text: 'd' },
        { id: 'c', text: '' },
      ]),
    ).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringMatching(/^notes: on .+@3 the function of withColumn of `more` threw Error: thirteen/),
      at: { offset: 3 },
    })
    expect(sink.batches.flat()).toHaveLength(1)
  })

  test('under a key that the aggregation behind it does not take, too', async () => {
    const query = stream('notes')
      .rows(struct({ id: string(), text: string(), at: timestamp() }))
      .withWatermark('at', '1 second')
      .join(
        stream('names')
          .rows(struct({ id: string(), text: string(), at: timestamp() }))
          .withWatermark('at', '1 second'),
        {
          on: ['id', 'at'],
          prefix: 'n_',
        },
      )
      .groupBy('at', 'text', 'n_text')
      .agg({ rows: count() })
    const driver = testDriver(query.writeStream(write))
    await driver.addRows(
      [
        { ...long(1), at: 1_000 },
        { id: 'b', text: 'b', at: 1_000 },
      ],
      { source: 'names' },
    )
    const batch = await driver.addRows([
      { ...long(2), at: 1_000 },
      { id: 'b', text: 'b', at: 1_000 },
    ])
    expect(batch.deadLetters.map(({ reason }) => reason)).toEqual(['KEY_TOO_LONG'])
  })
})
