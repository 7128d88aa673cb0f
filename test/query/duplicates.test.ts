// dropDuplicates and dropDuplicatesWithinWatermark through the whole of a query, batch by batch.

import { describe, expect, expectTypeOf, it } from 'vitest'
import { double, json, long, stream, string, struct, timestamp } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { keepingSink } from '../builders.ts'

const Event = struct({ id: string().nullable(), at: timestamp() })
const events = stream('events').rows(Event)
const timed = events.withWatermark('at', '10 seconds')

const write = { sinks: [keepingSink()], watermarkPolicy: 'max' } as const

const event = (id: string | null, second: number) => ({ id, at: second * 1_000 })

describe('dropDuplicates', () => {
  it('lets the first row of a key through, also over batches, restarts and redeliveries', async () => {
    const driver = testDriver(timed.dropDuplicates('id').writeStream(write))
    const first = await driver.addRows([event('a', 1), event('b', 2), event('a', 3)])
    expect(first.rows).toEqual([event('a', 1), event('b', 2)])
    expect((await driver.redeliver()).emitted).toEqual(first.emitted)
    await driver.restart()
    expect((await driver.redeliver()).emitted).toEqual(first.emitted)
    const second = await driver.addRows([event('b', 4), event('c', 40)])
    expect(second.rows).toEqual([event('c', 40)])
    expect(second.progress.stateOperators[0]).toMatchObject({
      operatorName: 'dedupe',
      numRowsUpdated: 1,
      numRowsTotal: 3,
      customMetrics: { numDroppedDuplicateRows: 1 },
    })
    expect(first.progress.stateOperators[0]?.customMetrics).toMatchObject({ numDroppedDuplicateRows: 1 })
    const third = await driver.addRows([event('late', 30)])
    expect(third.rows).toEqual([])
    expect(third.progress.stateOperators[0]?.customMetrics).toMatchObject({ numDroppedDuplicateRows: 0 })
    expect(third.late).toEqual([event('late', 30)])
  })

  it('gives the row of a key that went through, under the same id, whenever its batch comes again', async () => {
    const driver = testDriver(timed.dropDuplicates('id').writeStream(write))
    const { emitted } = await driver.addRows([event('a', 1), event('a', 2)])
    const [first] = emitted
    expect((await driver.redeliver()).emitted.map(({ id, row }) => ({ id, row }))).toEqual([
      { id: first?.id, row: event('a', 1) },
    ])
  })

  it('goes before an aggregation', async () => {
    const query = timed.dropDuplicates('id', 'at').groupBy('id').count()
    const driver = testDriver(query.writeStream({ ...write, outputMode: 'update' }))
    const { rows } = await driver.addRows([event('a', 1), event('a', 1), event('a', 2)])
    expect(rows).toEqual([{ id: 'a', count: 2 }])
    expect((await driver.redeliver()).rows).toEqual(rows)
    expect((await driver.addRows([event('a', 1), event('a', 20)])).rows).toEqual([{ id: 'a', count: 3 }])
  })

  it('goes before conditions and columns, which see the rows that are left', async () => {
    const query = timed
      .dropDuplicates('id')
      .where(({ at }) => at > 1_000)
      .withColumn('second', ({ at }) => at / 1_000, long())
      .select('id', 'second')
    const driver = testDriver(query.writeStream(write))
    expect((await driver.addRows([event('a', 1), event('a', 2), event('b', 2)])).rows).toEqual([{ id: 'b', second: 2 }])
    expect(query.runBatch([event('a', 1), event('a', 2), event('b', 2)])).toEqual([{ id: 'b', second: 2 }])
  })

  it('takes a null for equal to a null, NaN for equal to NaN, and 0.0 and -0.0 for two', async () => {
    const Reading = struct({ value: double().nullable() })
    const driver = testDriver(stream('readings').rows(Reading).dropDuplicates().writeStream(write))
    const values = [null, Number.NaN, 0, -0, null, Number.NaN, 0, -0]
    const { rows } = await driver.addRows(values.map((value) => ({ value })))
    expect(rows.map(({ value }) => value)).toEqual([null, Number.NaN, 0, -0])
    await driver.restart()
    expect((await driver.addRows(values.map((value) => ({ value })))).rows).toEqual([])
  })

  it('forgets a key whose event time is among the columns', async () => {
    const driver = testDriver(timed.dropDuplicates('id', 'at').writeStream(write))
    await driver.addRows([event('a', 1), event('b', 2)])
    const { progress } = await driver.addRows([event('c', 12)])
    expect(progress.stateOperators[0]).toMatchObject({ numRowsRemoved: 2, numRowsTotal: 1 })
  })

  it.each([2, 5])('gives the same rows from %d shards as from one', async (shards) => {
    const batches = [
      Array.from({ length: 40 }, (_, i) => event(`${i % 7}`, i)),
      Array.from({ length: 40 }, (_, i) => event(`${i % 11}`, 40 + i)),
    ]
    const drivers = [
      testDriver(timed.dropDuplicates('id').writeStream(write)),
      testDriver(timed.dropDuplicates('id').writeStream(write), { shards }),
    ]
    for (const batch of batches) {
      const [one, several] = await Promise.all(drivers.map((driver) => driver.addRows(batch)))
      const ids = (given: typeof one) => given?.emitted.map(({ id }) => id).sort()
      expect(ids(several)).toEqual(ids(one))
    }
  })

  it('has a shard for each partition of a keyed topic', async () => {
    const keyed = stream('keyed')
      .readKafka({ topic: 't', keyedBy: 'id' })
      .decode(json(struct({ id: string(), n: long() })))
    const driver = testDriver(keyed.dropDuplicates('id').writeStream(write), { partitions: 2 })
    const record = (id: string, n: number, partition: number) => ({
      key: id,
      value: JSON.stringify({ id, n }),
      partition,
    })
    const { rows } = await driver.addRecords([record('a', 1, 0), record('a', 2, 0), record('b', 3, 1)])
    expect(rows.toSorted((left, right) => left.n - right.n)).toEqual([
      { id: 'a', n: 1 },
      { id: 'b', n: 3 },
    ])
  })

  it('gives in batch mode what the stream gives where nothing is late', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => event(i % 9 === 0 ? null : `${i % 7}`, i))
    const driver = testDriver(events.dropDuplicates('id').writeStream(write))
    const streamed = []
    for (let i = 0; i < rows.length; i += 8) streamed.push(...(await driver.addRows(rows.slice(i, i + 8))).rows)
    expect(events.dropDuplicates('id').runBatch(rows)).toEqual(streamed)
  })

  it('is refused in complete mode, in the words of Spark', () => {
    expect(() => timed.dropDuplicates('id').writeStream({ ...write, outputMode: 'complete' })).toThrow(
      'Complete output mode not supported when there are no streaming aggregations on streaming DataFrames/Datasets',
    )
  })

  it('keeps the type of the rows, and takes their columns only', () => {
    expectTypeOf(timed.dropDuplicates('id').runBatch([])).toEqualTypeOf(events.runBatch([]))
    // @ts-expect-error: no such column
    expect(() => timed.dropDuplicates('amount')).toThrow('cannot be resolved')
  })
})

describe('dropDuplicatesWithinWatermark', () => {
  const within = timed.dropDuplicatesWithinWatermark('id')

  it('forgets a key the delay after its first row, which repeats do not put off', async () => {
    const driver = testDriver(within.writeStream(write))
    expect((await driver.addRows([event('a', 0), event('a', 9)])).rows).toEqual([event('a', 0)])
    const { rows, progress } = await driver.addRows([event('a', 10), event('b', 20)])
    expect(rows).toEqual([event('b', 20)])
    expect(progress.stateOperators[0]).toMatchObject({
      operatorName: 'dedupeWithinWatermark',
      numRowsRemoved: 1,
      numRowsTotal: 1,
      customMetrics: { numDroppedDuplicateRows: 1 },
    })
    expect((await driver.addRows([event('a', 21)])).rows).toEqual([event('a', 21)])
  })

  it('is refused without a watermark and in batch mode, in the words of Spark', () => {
    const without = events.dropDuplicatesWithinWatermark('id')
    expect(() => without.writeStream(write)).toThrow(
      'dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark',
    )
    expect(() => within.runBatch([])).toThrow(
      'dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets',
    )
  })

  it('is refused where the event time has been left out', () => {
    const lost = timed.withColumn('at', () => 0, timestamp()).dropDuplicatesWithinWatermark('id')
    expect(() => lost.writeStream(write)).toThrow('without watermark')
  })
})
