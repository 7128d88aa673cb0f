// Joins of two streams through the whole of a query, batch by batch: what waits, what comes out when, and what is refused.

import { describe, expect, expectTypeOf, it } from 'vitest'
import { count, double, json, memoryState, stream, string, struct, timestamp, window } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'

const Order = struct({ order: string().nullable(), at: timestamp().nullable() })
const Payment = struct({ order: string().nullable(), paidAt: timestamp().nullable(), amount: double() })
type Type = 'inner' | 'left' | 'right' | 'full' | 'leftSemi'

const nowhere = { description: 'nowhere', write: async () => {} }
const orders = () => stream('orders').rows(Order)
const payments = () => stream('payments').rows(Payment)

const joined = <T extends Type = 'inner'>(type?: T) =>
  orders()
    .withWatermark('at', '10 seconds')
    .join(payments().withWatermark('paidAt', '10 seconds'), {
      on: [['order', 'order']],
      prefix: 'p_',
      within: { after: '20 seconds' },
      ...(type === undefined ? {} : { type }),
    })

const driverOf = (type: Type) => testDriver(joined(type).writeStream({ sinks: [nowhere] }))
type Driver = ReturnType<typeof driverOf>

const order = (driver: Driver, id: string | null, at: number | null) =>
  driver.addRows([{ order: id, at }], { source: 'orders' })
const pay = (driver: Driver, id: string | null, paidAt: number | null) =>
  driver.addRows([{ order: id, paidAt, amount: 1 }], { source: 'payments' })

const pair = (id: string, at: number, paidAt: number) => ({ order: id, at, p_order: id, p_paidAt: paidAt, p_amount: 1 })
const unpaid = (id: string | null, at: number | null) => ({
  order: id,
  at,
  p_order: null,
  p_paidAt: null,
  p_amount: null,
})

describe('an inner join', () => {
  it('gives a pair when its second row comes, whichever that is, over restarts and redeliveries', async () => {
    const driver = driverOf('inner')
    await order(driver, 'a', 100_000)
    await driver.restart()
    const first = await pay(driver, 'a', 110_000)
    expect(first.rows).toEqual([pair('a', 100_000, 110_000)])
    expect(first.emitted[0]?.id).toBe('rows-0-0&payments-0-0')
    expect((await driver.redeliver()).emitted).toEqual(first.emitted)
    await driver.restart()
    expect((await driver.redeliver()).emitted).toEqual(first.emitted)
    await pay(driver, 'b', 115_000)
    expect((await order(driver, 'b', 112_000)).rows).toEqual([pair('b', 112_000, 115_000)])
    expect((await order(driver, 'b', 116_000)).rows).toEqual([])
  })

  it('forgets rows that no other can match any more, and leaves late ones out', async () => {
    const driver = driverOf('inner')
    await order(driver, 'a', 100_000)
    await pay(driver, 'x', 100_000)
    await order(driver, 'b', 140_000)
    const { progress } = await pay(driver, 'y', 140_000)
    expect(driver.watermarkMs).toBe(130_000)
    expect(progress.stateOperators[0]).toMatchObject({
      operatorName: 'symmetricHashJoin',
      numRowsUpdated: 1,
      numRowsRemoved: 2,
      numRowsTotal: 2,
    })
    const { late, progress: after } = await pay(driver, 'b', 130_000)
    expect(late).toEqual([{ order: 'b', paidAt: 130_000, amount: 1 }])
    expect(after.stateOperators[0]?.numRowsDroppedByWatermark).toBe(1)
    expect(after.sources).toMatchObject([
      { description: 'rows', numInputRows: 0 },
      { description: 'payments', numInputRows: 1 },
    ])
  })

  it('matches no null, and keeps no row that has one', async () => {
    const driver = driverOf('inner')
    await order(driver, null, 100_000)
    await order(driver, 'a', null)
    expect((await pay(driver, null, 100_000)).rows).toEqual([])
    expect((await pay(driver, 'a', 100_000)).rows).toEqual([])
    expect(driver.stateRows).toBe(1)
  })

  it('asks the condition of each pair, and sets a row aside on which it throws', async () => {
    const query = orders()
      .join(payments(), {
        on: ['order'],
        where: ({ order: id }, { amount }) => {
          if (amount < 0) throw new Error(`the amount of ${id} is ${amount}`)
          return amount > 1
        },
      })
      .writeStream({ sinks: [nowhere] })
    const driver = testDriver(query)
    await driver.addRows([{ order: 'a', at: 1 }])
    const { rows, deadLetters } = await driver.addRows(
      [1, -1, 2].map((amount) => ({ order: 'a', paidAt: 1, amount })),
      { source: 'payments' },
    )
    expect(rows).toEqual([{ order: 'a', at: 1, paidAt: 1, amount: 2 }])
    expect(deadLetters).toMatchObject([{ topic: 'payments', offset: 1, reason: 'FUNCTION_FAILED' }])
    expect(deadLetters[0]?.detail).toContain('the amount of a is -1')
  })
})

describe('an outer join', () => {
  it('gives a row of the left side alone when it has waited in vain, once', async () => {
    const driver = driverOf('left')
    await order(driver, 'a', 100_000)
    await order(driver, 'b', 101_000)
    await order(driver, null, 101_000)
    await order(driver, 'timeless', null).then(({ rows }) => expect(rows).toEqual([unpaid('timeless', null)]))
    await pay(driver, 'b', 110_000)
    await order(driver, 'z', 200_000)
    const { rows, emitted } = await pay(driver, 'z', 200_000)
    expect(rows).toEqual([pair('z', 200_000, 200_000), unpaid('a', 100_000), unpaid(null, 101_000)])
    expect(emitted.map(({ id }) => id)).toEqual(['rows-0-4&payments-0-1', 'rows-0-0&', 'rows-0-2&'])
    expect((await driver.redeliver()).emitted).toEqual(emitted.slice(0, 1))
  })

  it('gives those of the right side, or of both', async () => {
    const right = driverOf('right')
    await pay(right, 'a', 100_000)
    await order(right, 'z', 200_000)
    expect((await pay(right, 'z', 200_000)).rows).toEqual([
      pair('z', 200_000, 200_000),
      { order: null, at: null, p_order: 'a', p_paidAt: 100_000, p_amount: 1 },
    ])
    const full = driverOf('full')
    await pay(full, null, 100_000)
    await order(full, null, 100_000)
    await order(full, 'z', 200_000)
    expect((await pay(full, 'z', 200_000)).rows).toEqual([
      pair('z', 200_000, 200_000),
      { order: null, at: null, p_order: null, p_paidAt: 100_000, p_amount: 1 },
      unpaid(null, 100_000),
    ])
  })

  it('has the key of the side that is there where both have it as one column', async () => {
    const query = orders()
      .withWatermark('at', '0 seconds')
      .join(payments().withWatermark('paidAt', '0 seconds'), { on: ['order'], type: 'full', within: {} })
    const rows = query.runBatch([{ order: 'a', at: 1 }], {
      sources: { payments: [{ order: 'b', paidAt: 1, amount: 1 }] },
    })
    expect(rows).toEqual([
      { order: 'b', at: null, paidAt: 1, amount: 1 },
      { order: 'a', at: 1, paidAt: null, amount: null },
    ])
  })

  it('ends with the watermark of the nullable side where the other has none', async () => {
    const query = orders().join(payments().withWatermark('paidAt', '10 seconds'), {
      on: ['order'],
      type: 'left',
      within: { after: '20 seconds', columns: ['at', 'paidAt'] },
    })
    const driver = testDriver(query.writeStream({ sinks: [nowhere] }))
    await driver.addRows([{ order: 'a', at: 100_000 }])
    const { rows } = await driver.addRows([{ order: 'x', paidAt: 200_000, amount: 1 }], { source: 'payments' })
    expect(rows).toEqual([{ order: 'a', at: 100_000, paidAt: null, amount: null }])
    expect((await driver.addRows([{ order: 'b', at: 100_000 }])).rows).toEqual([
      { order: 'b', at: 100_000, paidAt: null, amount: null },
    ])
    expect((await driver.addRows([{ order: 'x', at: 190_000 }])).rows).toEqual([
      { order: 'x', at: 190_000, paidAt: 200_000, amount: 1 },
    ])
  })
})

describe('a semi join', () => {
  it('gives a row of the left side at its first match, once', async () => {
    const driver = driverOf('leftSemi')
    await order(driver, 'a', 100_000)
    expect((await pay(driver, 'a', 100_000)).rows).toEqual([{ order: 'a', at: 100_000 }])
    expect((await pay(driver, 'a', 101_000)).rows).toEqual([])
    expect((await order(driver, 'a', 99_000)).rows).toEqual([{ order: 'a', at: 99_000 }])
  })
})

describe('what a join is a part of', () => {
  it('comes before a window, which waits for what the join may still give', async () => {
    const query = joined('left')
      .groupBy(window('at', '10 seconds'))
      .agg({ n: count(), paid: count('p_amount') })
    const driver = testDriver(query.writeStream({ sinks: [nowhere] }))
    await driver.addRows([
      { order: 'a', at: 100_000 },
      { order: 'b', at: 101_000 },
    ])
    const both = async (id: string, at: number) => {
      await driver.addRows([{ order: id, at }])
      return (await driver.addRows([{ order: id, paidAt: at, amount: 1 }], { source: 'payments' })).rows
    }
    expect(await both('b', 110_000)).toEqual([])
    // The window has ended, and the rows of it that wait could still come.
    expect(await both('x', 140_000)).toEqual([])
    expect(await both('y', 140_001)).toEqual([{ window: { start: 100_000, end: 110_000 }, n: 2, paid: 1 }])
  })

  it('follows another operator, which has the left side alone', async () => {
    const query = orders()
      .withWatermark('at', '10 seconds')
      .dropDuplicates('order', 'at')
      .join(payments().withWatermark('paidAt', '10 seconds'), { on: ['order'], within: { after: '5 seconds' } })
    const driver = testDriver(query.writeStream({ sinks: [nowhere] }))
    await driver.addRows([
      { order: 'a', at: 100_000 },
      { order: 'a', at: 100_000 },
    ])
    const { rows } = await driver.addRows([{ order: 'a', paidAt: 101_000, amount: 1 }], { source: 'payments' })
    expect(rows).toEqual([{ order: 'a', at: 100_000, paidAt: 101_000, amount: 1 }])
  })

  it('joins its own rows with a third stream', async () => {
    const Refund = struct({ order: string(), refundedAt: timestamp() })
    const query = orders()
      .join(payments(), { on: ['order'] })
      .join(stream('refunds').rows(Refund), { on: ['order'] })
    const driver = testDriver(query.writeStream({ sinks: [nowhere] }))
    await driver.addRows([{ order: 'a', refundedAt: 3 }], { source: 'refunds' })
    await driver.addRows([{ order: 'a', at: 1 }])
    const { rows } = await driver.addRows([{ order: 'a', paidAt: 2, amount: 1 }], { source: 'payments' })
    expect(rows).toEqual([{ order: 'a', at: 1, paidAt: 2, amount: 1, refundedAt: 3 }])
  })

  it('lies in shards by the columns that are equal', async () => {
    const driver = testDriver(joined('inner').writeStream({ sinks: [nowhere] }), { shards: 4, state: memoryState() })
    await driver.addRows(['a', 'b', 'c', 'd', 'e'].map((id) => ({ order: id, at: 100_000 })))
    const { rows } = await driver.addRows(
      ['e', 'd', 'c', 'b', 'a'].map((id) => ({ order: id, paidAt: 100_000, amount: 1 })),
      { source: 'payments' },
    )
    expect(rows.map(({ order: id }) => id).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('reads the topics of both sides, each by its own codec', async () => {
    const query = stream('paid')
      .readKafka({ topic: 'orders' })
      .decode(json(Order))
      .join(stream('paid').readKafka({ topic: 'payments' }).decode(json(Payment)), { on: ['order'] })
      .writeStream({ sinks: [keepingSink()] })
    const driver = testDriver(query)
    const { rows, deadLetters, progress } = await driver.addRecords([
      { topic: 'payments', value: '{"order":"a","paidAt":2,"amount":5}' },
      { topic: 'payments', value: '{"order":"a"}' },
      { topic: 'orders', value: '{"order":"a","at":1}' },
    ])
    expect(rows).toMatchObject([{ order: 'a', amount: 5 }])
    expect(deadLetters).toMatchObject([{ topic: 'payments', offset: 1, reason: 'WRONG_SHAPE' }])
    expect(progress.sources.map(({ description }) => description)).toEqual([
      'KafkaV2[Subscribe[orders]]',
      'KafkaV2[Subscribe[payments]]',
    ])
  })
})

describe('the row of a pair', () => {
  interface Both<Nullable> {
    readonly order: string | null
    readonly at: number | null
    readonly p_paidAt: number | null
    readonly p_amount: number | Nullable
  }
  const query = <T extends Type>(type: T) => orders().join(payments(), { on: ['order'], prefix: 'p_', type })

  it('has the columns of both sides, those of a side that may be missing nullable', () => {
    const inner = query('inner').runBatch([])
    const left = query('left').runBatch([])
    const right = query('right').runBatch([])
    const semi = query('leftSemi').runBatch([])
    expectTypeOf(inner).toEqualTypeOf<readonly Both<never>[]>()
    expectTypeOf(left).toEqualTypeOf<readonly Both<null>[]>()
    expectTypeOf(right).toEqualTypeOf<readonly Both<never>[]>()
    expectTypeOf(semi).toEqualTypeOf<readonly { readonly order: string | null; readonly at: number | null }[]>()
    expect([...inner, ...left, ...right, ...semi]).toEqual([])
  })
})

describe('what is refused', () => {
  const sinks = [nowhere]
  it('is every mode but append, in Spark’s words', () => {
    expect(() => joined().writeStream({ outputMode: 'update', sinks })).toThrow(
      'Join between two streaming DataFrames/Datasets is not supported in Update output mode, only in Append output mode',
    )
    expect(() => joined().groupBy('order').count().writeStream({ outputMode: 'complete', sinks })).toThrow(
      'Join between two streaming DataFrames/Datasets is not supported in Complete output mode, only in Append output mode',
    )
  })

  it('is an outer join whose rows would wait for ever, and an anti join', () => {
    const unbounded = (type: Type) =>
      orders()
        .withWatermark('at', '10 seconds')
        .join(payments().withWatermark('paidAt', '10 seconds'), { on: ['order'], type })
        .writeStream({ sinks })
    for (const [type, name] of [
      ['left', 'LeftOuter'],
      ['right', 'RightOuter'],
      ['full', 'FullOuter'],
      ['leftSemi', 'LeftSemi'],
    ] as const) {
      expect(() => unbounded(type)).toThrow(
        `Stream-stream ${name} join between two streaming DataFrame/Datasets is not supported without a watermark in the join keys, or a watermark on the nullable side and an appropriate range condition`,
      )
    }
    expect(() => unbounded('leftAnti' as 'left')).toThrow(
      'LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported',
    )
  })

  it('are columns that do not fit, and sides that cannot be', () => {
    const Other = struct({ order: double(), at: timestamp() })
    // @ts-expect-error both sides have `at`
    expect(() => orders().join(stream('o').rows(Order), { on: ['order'] })).toThrow('both sides have a column `at`')
    expect(() => orders().join(stream('o').rows(Other), { on: ['order'], prefix: 'o_' })).toThrow(
      '`order` is STRING and `order` is DOUBLE',
    )
    expect(() => orders().join(payments(), { on: [] as unknown as ['order'] })).toThrow('`on` names no columns')
    // @ts-expect-error the right side has no such column
    expect(() => orders().join(payments(), { on: ['at'] })).toThrow('cannot be resolved on the right side of the join')
    expect(() => orders().join(payments().dropDuplicates(), { on: ['order'] })).toThrow(
      'Put the stream that is aggregated',
    )
    expect(() => orders().join(payments(), { on: ['order'], within: { after: '1 second' } })).toThrow(
      'the left one has no watermark',
    )
    expect(() => orders().join(orders(), { on: ['order'], prefix: 'o_' })).toThrow('a join reads orders twice')
  })
})
