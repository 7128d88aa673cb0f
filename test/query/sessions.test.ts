// Session windows through the whole of a query, batch by batch.

import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  aggregate,
  count,
  first,
  json,
  last,
  max,
  type OutputMode,
  type Stream,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  type TimeWindow,
  timestamp,
  window,
  windowTime,
} from '../../lib/index.ts'
import type { KeptSessions } from '../../lib/query/chain/sessions/kept-sessions.ts'
import { sessionAggregateOperator } from '../../lib/query/chain/sessions/session-aggregate.ts'
import type { Entries } from '../../lib/query/chain/stage-operator.ts'
import { testDriver } from '../../lib/testing/index.ts'

const Visit = struct({ user: string(), page: string(), gap: string().nullable(), at: timestamp() })
const visits = stream('visits').rows(Visit)
const timed = visits.withWatermark('at', '10 seconds')
const nowhere = { description: 'nowhere', write: async () => {} }

const aVisit = (atSeconds: number, user = 'ann', page = 'home', gap: string | null = null) => ({
  user,
  page,
  gap,
  at: atSeconds * 1000,
})

const bySession = timed.groupBy(sessionWindow('at', '5 seconds'), 'user').agg({ pages: count(), seen: max('at') })
const session = (start: number, end: number): TimeWindow => ({ start: start * 1000, end: end * 1000 }) as TimeWindow

const append = <Row extends object, Source extends object>(
  query: Stream<Row, Source>,
  outputMode: OutputMode = 'append',
) => query.writeStream({ outputMode, sinks: [nowhere] })

const unused: Entries<KeptSessions> = {
  boundMs: Number.NEGATIVE_INFINITY,
  replace: () => {},
  family: () => [],
  get: () => undefined,
  entry: () => ({ get: () => undefined, set: () => {}, delete: () => {} }),
  set: () => {},
  delete: () => {},
  takeDue: () => [],
  all: () => [],
  count: () => {},
  countUpdated: () => {},
  countRemoved: () => {},
}

describe('session windows', () => {
  it('are rows that follow each other within the gap, given when event time has passed their end', async () => {
    const driver = testDriver(append(bySession))
    expect((await driver.addRows([aVisit(0), aVisit(3), aVisit(1, 'bob')])).rows).toEqual([])
    expect((await driver.addRows([aVisit(7), aVisit(16, 'bob')])).rows).toEqual([
      { session_window: session(1, 6), user: 'bob', pages: 1, seen: 1000 },
    ])
    const { rows } = await driver.addRows([aVisit(23, 'cid')])
    expect(rows).toEqual([{ session_window: session(0, 12), user: 'ann', pages: 3, seen: 7000 }])
    expect(driver.stateRows).toBe(2)
  })

  it('are one where they touch, and two a millisecond apart', () => {
    const touching = bySession.runBatch([aVisit(0), aVisit(5)])
    expect(touching).toEqual([{ session_window: session(0, 10), user: 'ann', pages: 2, seen: 5000 }])
    expect(bySession.runBatch([aVisit(0), aVisit(5.001)])).toHaveLength(2)
  })

  it('are put together by a row that comes between them, also a batch later and after a restart', async () => {
    const driver = testDriver(append(bySession))
    await driver.addRows([aVisit(8), aVisit(0)])
    expect(driver.stateRows).toBe(2)
    await driver.restart()
    await driver.addRows([aVisit(4)])
    expect(driver.stateRows).toBe(1)
    const { rows } = await driver.addRows([aVisit(60)])
    expect(rows).toEqual([{ session_window: session(0, 13), user: 'ann', pages: 3, seen: 8000 }])
    // A session whose row was acknowledged does not come again.
    expect((await driver.redeliver()).rows).toEqual([])
  })

  it('take no row that is late by itself, even inside an open session', async () => {
    const driver = testDriver(append(bySession))
    await driver.addRows([aVisit(0), aVisit(4), aVisit(8), aVisit(12), aVisit(16)])
    const { late, progress } = await driver.addRows([aVisit(1), aVisit(1), aVisit(2)])
    expect(late).toEqual([aVisit(1), aVisit(1)])
    expect(progress.stateOperators[0]).toMatchObject({
      operatorName: 'defaultName',
      numRowsDroppedByWatermark: 1,
      numLateRows: 2,
    })
    const { rows } = await driver.addRows([aVisit(40)])
    expect(rows).toEqual([{ session_window: session(0, 21), user: 'ann', pages: 6, seen: 16_000 }])
  })

  it('have a gap by the row; a null, an unreadable, a zero and a negative one leave the row out', async () => {
    const dynamic = timed.groupBy(
      sessionWindow('at', (visit) => visit.gap, 'visit'),
      'user',
    )
    const driver = testDriver(append(dynamic.count()))
    const { deadLetters } = await driver.addRows([
      aVisit(0, 'ann', 'home', '10 seconds'),
      aVisit(1, 'ann', 'home', null),
      aVisit(2, 'ann', 'home', 'nonsense'),
      aVisit(3, 'ann', 'home', '0 seconds'),
      aVisit(4, 'ann', 'home', '-1 minute'),
      aVisit(10, 'ann', 'home', '1 second'),
      aVisit(0, 'bob', 'home', '1 month'),
    ])
    expect(deadLetters).toEqual([])
    // They move the watermark all the same.
    const { rows } = await driver.addRows([aVisit(3000 * 3600, 'cid', 'home', null)])
    expect(rows).toEqual([
      { visit: session(0, 11), user: 'ann', count: 2 },
      { visit: session(0, 31 * 86_400), user: 'bob', count: 1 },
    ])
  })

  it('set a row aside whose gap throws, or is none of Spark’s, and go on without it', async () => {
    const gaps = new Map<string, unknown>([
      ['number', 5000],
      ['fine', '10 microseconds'],
    ])
    const gap = ({ page }: { page: string }): string => {
      if (page === 'bad') throw new Error('no gap for it')
      return (gaps.get(page) ?? '5 seconds') as string
    }
    const driver = testDriver(append(timed.groupBy(sessionWindow('at', gap), 'user').count()))
    const rows = ['home', 'bad', 'number', 'fine', 'home'].map((page, i) => aVisit(i, 'ann', page))
    const { deadLetters } = await driver.addRows(rows)
    expect(deadLetters.map(({ offset, reason }) => [offset, reason])).toEqual([
      [1, 'FUNCTION_FAILED'],
      [2, 'WRONG_SHAPE'],
      [3, 'WRONG_SHAPE'],
    ])
    expect(deadLetters[0]?.detail).toContain('sessionWindow of `session_window`')
    expect((await driver.addRows([aVisit(60, 'bob')])).rows).toEqual([
      { session_window: session(0, 9), user: 'ann', count: 2 },
    ])
  })

  it('set a row aside on which an aggregate throws, or its function gives no number', async () => {
    const pages = aggregate<{ page: string }, string[], string>({
      column: string(),
      version: 1,
      init: () => [],
      add: (pages, { page }) => {
        if (page === 'bad' && pages.length > 0) throw new Error('no such page')
        return [...pages, page]
      },
      merge: (left, right) => [...left, ...right],
      result: (pages) => pages.toSorted().join(' '),
    })
    const numbers = sum(({ page }: { page: string }) => (page === 'text' ? ('1' as unknown as number) : 1))
    const driver = testDriver(append(timed.groupBy(sessionWindow('at', '5 seconds'), 'user').agg({ pages, numbers })))
    const { deadLetters } = await driver.addRows([
      aVisit(0),
      aVisit(1, 'ann', 'bad'),
      aVisit(2, 'ann', 'text'),
      aVisit(3),
    ])
    expect(deadLetters.map(({ offset, reason }) => [offset, reason])).toEqual([
      [1, 'FUNCTION_FAILED'],
      [2, 'WRONG_SHAPE'],
    ])
    const { rows } = await driver.addRows([aVisit(60, 'bob')])
    expect(rows).toEqual([{ session_window: session(0, 8), user: 'ann', pages: 'home home', numbers: 2 }])
  })

  it('have their rows in the order of time for aggregates that go by one, whatever order they come in', async () => {
    const query = timed.groupBy(sessionWindow('at', '5 seconds'), 'user').agg({ from: first('page'), to: last('page') })
    const rows = [aVisit(4, 'ann', 'c'), aVisit(8, 'ann', 'd'), aVisit(0, 'ann', 'a'), aVisit(2, 'ann', 'b')]
    const expected = [{ session_window: session(0, 13), user: 'ann', from: 'a', to: 'd' }]
    expect(query.runBatch(rows)).toEqual(expected)
    const driver = testDriver(append(query), { partitions: 2 })
    for (const row of rows) await driver.addRows([row], { partition: row.at / 1000 >= 4 ? 0 : 1 })
    await driver.addRows([aVisit(60, 'bob')], { partition: 0 })
    expect((await driver.addRows([aVisit(60, 'bob')], { partition: 1 })).rows).toEqual(expected)
  })

  it('show an aggregate of one’s own the places that rows have in their topic', () => {
    const places = aggregate<object, string[], string>({
      column: string(),
      version: 1,
      init: () => [],
      add: (places, _, at) => [...places, `${at.partition}@${at.offset}`],
      merge: (left, right) => [...left, ...right],
      result: (places) => places.toSorted().join(' '),
    })
    const query = visits.groupBy(sessionWindow('at', '5 seconds'), 'user').agg({ places })
    expect(query.runBatch([aVisit(4), aVisit(0)]).map((row) => row.places)).toEqual(['0@0 0@1'])
  })

  it('are all there each time in complete mode, which leaves out late rows too', async () => {
    const driver = testDriver(append(bySession, 'complete'))
    await driver.addRows([aVisit(0), aVisit(30)])
    const { rows, late } = await driver.addRows([aVisit(3), aVisit(27)])
    expect(late).toEqual([aVisit(3)])
    expect(rows).toEqual([
      { session_window: session(0, 5), user: 'ann', pages: 1, seen: 0 },
      { session_window: session(27, 35), user: 'ann', pages: 2, seen: 30_000 },
    ])
    await driver.restart()
    expect((await driver.redeliver()).rows).toEqual(rows)
  })

  it('are sorted and limited in complete mode as any table', async () => {
    const driver = testDriver(append(bySession.orderBy('pages', 'desc').limit(1).drop('seen'), 'complete'))
    const { rows } = await driver.addRows([aVisit(0, 'bob'), aVisit(0), aVisit(1)])
    expect(rows).toEqual([{ session_window: session(0, 6), user: 'ann', pages: 2 }])
  })

  it('are refused in update mode, without a watermark, and without another key, in Spark’s words', () => {
    expect(() => append(bySession, 'update')).toThrow('Update output mode not supported for session window on')
    const unmarked = visits.groupBy(sessionWindow('at', '5 seconds'), 'user').count()
    expect(() => append(unmarked)).toThrow('Append output mode not supported when there are streaming aggregations')
    const all = timed.groupBy(sessionWindow('at', '5 seconds')).count()
    expect(() => append(all)).toThrow('Global aggregation with session window in streaming query is not supported.')
    expect(all.runBatch([aVisit(0), aVisit(2, 'bob')])).toEqual([{ session_window: session(0, 7), count: 2 }])
  })

  it('without a watermark are kept for ever, in complete mode', async () => {
    const unmarked = visits.groupBy(sessionWindow('at', '5 seconds'), 'user').count()
    const driver = testDriver(append(unmarked, 'complete'))
    await driver.addRows([aVisit(0), aVisit(1000)])
    expect((await driver.addRows([aVisit(3)])).rows.map((row) => row.count)).toEqual([2, 1])
  })

  it('by a gap of zero or less take no row, and a gap that is no interval is refused', () => {
    const none = visits.groupBy(sessionWindow('at', '0 seconds'), 'user').count()
    expect(none.runBatch([aVisit(0), aVisit(0)])).toEqual([])
    expect(
      visits
        .groupBy(sessionWindow('at', '-5 seconds'), 'user')
        .count()
        .runBatch([aVisit(0)]),
    ).toEqual([])
    expect(() => sessionWindow('at', 'soon')).toThrow("Unable to parse 'soon'.")
    expect(() => sessionWindow('at', '1 microsecond')).toThrow('finer than a millisecond')
  })

  it('go into a window, and come after one row of each key', async () => {
    const query = timed
      .dropDuplicates('page', 'at')
      .groupBy(sessionWindow('at', '5 seconds'), 'user')
      .agg({ pages: count() })
      .dropDuplicates('user')
    const driver = testDriver(append(query))
    await driver.addRows([aVisit(0), aVisit(0, 'bob'), aVisit(3), aVisit(20, 'ann', 'a'), aVisit(20, 'bob', 'b')])
    const { rows } = await driver.addRows([aVisit(60, 'cid')])
    expect(rows).toEqual([{ session_window: session(20, 25), user: 'bob', pages: 1 }])
  })

  it('are counted by windows of their last moments, and are made of windows', async () => {
    const perMinute = bySession
      .groupBy(window('session_window', '1 minute'))
      .agg({ visits: count(), pages: sum('pages') })
    const busy = timed
      .groupBy(window('at', '5 seconds'), 'user')
      .count()
      .groupBy(sessionWindow(windowTime('window'), '5 seconds', 'busy'), 'user')
      .agg({ windows: count(), pages: sum('count') })
    const rows = [0, 3, 20, 24, 31, 59, 62, 90].map((second) => aVisit(second))
    const minutes = [
      { window: session(0, 60), visits: 3, pages: 5 },
      { window: session(60, 120), visits: 2, pages: 3 },
    ]
    expect(perMinute.runBatch(rows)).toEqual(minutes)
    const spans = [
      { busy: session(4.999, 9.999), user: 'ann', windows: 1, pages: 2 },
      { busy: session(24.999, 29.999), user: 'ann', windows: 1, pages: 2 },
    ]
    expect(busy.runBatch(rows).slice(0, 2)).toEqual(spans)
    for (const [query, expected] of [
      [perMinute, minutes],
      [busy, busy.runBatch(rows)],
    ] as const) {
      const driver = testDriver<object, (typeof rows)[number]>(append(query as Stream<object, (typeof rows)[number]>))
      const given: object[] = []
      for (const row of [...rows, aVisit(300, 'zed')]) {
        given.push(...(await driver.addRows([row])).rows)
        await driver.restart()
      }
      expect(given).toEqual(expected)
    }
  })

  it('set a row aside whose key is too long for state, and give late rows to the late sink', async () => {
    const late: object[] = []
    const lateSink = {
      description: 'late',
      write: async ({ rows }: { rows: readonly { row: object }[] }) => void late.push(...rows.map(({ row }) => row)),
    }
    const driver = testDriver(bySession.writeStream({ sinks: [nowhere], lateSink }))
    const { deadLetters } = await driver.addRows([aVisit(0, 'x'.repeat(20_000)), aVisit(50)])
    expect(deadLetters).toMatchObject([{ offset: 0, reason: 'KEY_TOO_LONG' }])
    await driver.addRows([aVisit(1)])
    expect(late).toEqual([aVisit(1)])
  })

  it('lie with the partitions of a topic that is keyed by one of their columns', async () => {
    const keyed = stream('visits')
      .readKafka({ topic: 'visits', keyedBy: 'user' })
      .decode(json(Visit))
      .withWatermark('at', '10 seconds')
    const driver = testDriver(append(keyed.groupBy(sessionWindow('at', '5 seconds'), 'user').count()), {
      partitions: 2,
    })
    const record = (at: number, user: string, partition: number) => ({
      partition,
      key: user,
      value: JSON.stringify(aVisit(at, user)),
    })
    await driver.addRecords([record(0, 'ann', 0), record(1, 'bob', 1), record(4, 'ann', 0)])
    const { rows } = await driver.addRecords([record(40, 'ann', 0), record(40, 'bob', 1)])
    expect(rows.map(({ user, count }) => [user, count]).sort()).toEqual([
      ['ann', 2],
      ['bob', 1],
    ])
    expect(() => append(keyed.groupBy(sessionWindow('at', '5 seconds'), 'page').count())).toThrow(
      'so groups must be by this column',
    )
  })

  it('lie in several shards by their keys', async () => {
    const driver = testDriver(append(bySession), { shards: 4 })
    const users = Array.from({ length: 20 }, (_, i) => `user ${i}`)
    await driver.addRows(users.map((user) => aVisit(0, user)))
    await driver.addRows(users.map((user) => aVisit(4, user)))
    const { rows } = await driver.addRows([aVisit(60, 'z')])
    expect(rows).toHaveLength(20)
    expect(new Set(rows.map(({ pages }) => pages))).toEqual(new Set([2]))
  })

  it('have a bound on how many a group has open; a row beyond it is set aside', () => {
    const [{ step } = { step: null }] = bySession.plan.stages
    if (step?.kind !== 'sessionAggregate') throw new TypeError('the plan has no sessions')
    const operator = sessionAggregateOperator(step, 0, 2)
    const kept = new Map<string, KeptSessions>()
    const entries: Entries<KeptSessions> = {
      ...unused,
      get: (key) => kept.get(key),
      set: (key, value) => void kept.set(key, value),
      entry: (key) => ({ get: () => kept.get(key), set: (value) => void kept.set(key, value), delete: () => {} }),
    }
    const apply = (seconds: number): void =>
      operator.apply(
        { row: aVisit(seconds), at: { topic: 't', partition: 0, offset: 0, timestamp: 0, timestampType: -1 } },
        entries,
        () => {},
      )
    for (const seconds of [0, 10, 12]) apply(seconds)
    expect(() => apply(20)).toThrow('the group has 2 sessions `session_window` open, and the row would begin another')
  })

  it('are typed: the column is one of times, and the row has the session and the keys', () => {
    const [row] = bySession.runBatch([aVisit(0)])
    expectTypeOf(row?.session_window).toEqualTypeOf<TimeWindow | undefined>()
    expectTypeOf(row?.user).toEqualTypeOf<string | undefined>()
    expectTypeOf(row?.pages).toEqualTypeOf<number | undefined>()
    const gapOf = sessionWindow('at', '5 seconds')
    expectTypeOf(visits.groupBy(gapOf, 'user').count().runBatch).returns.toExtend<readonly { count: number }[]>()
    visits.groupBy(
      sessionWindow('at', (visit) => {
        expectTypeOf(visit.gap).toEqualTypeOf<string | null>()
        return visit.gap
      }),
      'user',
    )
    // @ts-expect-error a session is over times
    expect(() => visits.groupBy(sessionWindow('page', '5 seconds'), 'user')).not.toThrow()
    // @ts-expect-error there is no such column
    expect(() => visits.groupBy(sessionWindow('att', '5 seconds'), 'user')).not.toThrow()
    // @ts-expect-error a gap is a text
    expect(() => visits.groupBy(sessionWindow('at', 5000), 'user')).not.toThrow()
    const number = ({ at }: { readonly at: number }): number => at
    // @ts-expect-error a gap by the row is a text
    expect(() => visits.groupBy(sessionWindow('at', number), 'user')).not.toThrow()
  })
})
