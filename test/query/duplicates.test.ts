// dropDuplicates and dropDuplicatesWithinWatermark through the whole of a query, batch by batch.

import { describe, expect, it } from 'vitest'
import { stream, string, struct, timestamp } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'

const Event = struct({ id: string(), at: timestamp() })

const nowhere = { description: 'nowhere', write: async () => {} }

describe('dropDuplicates', () => {
  it('lets the first row of a key through, also over batches, restarts and redeliveries', async () => {
    const query = stream('events')
      .rows(Event)
      .withWatermark('at', '10 seconds')
      .dropDuplicates('id')
      .writeStream({ sinks: [nowhere] })
    const driver = testDriver(query)
    const first = await driver.addRows([
      { id: 'a', at: 1_000 },
      { id: 'b', at: 2_000 },
      { id: 'a', at: 3_000 },
    ])
    expect(first.rows).toEqual([
      { id: 'a', at: 1_000 },
      { id: 'b', at: 2_000 },
    ])
    expect((await driver.redeliver()).emitted).toEqual(first.emitted)
    await driver.restart()
    expect((await driver.redeliver()).emitted).toEqual(first.emitted)
    const second = await driver.addRows([
      { id: 'b', at: 4_000 },
      { id: 'c', at: 40_000 },
    ])
    expect(second.rows).toEqual([{ id: 'c', at: 40_000 }])
    expect(second.progress.stateOperators[0]).toMatchObject({
      operatorName: 'dedupe',
      numRowsUpdated: 1,
      numRowsTotal: 3,
      customMetrics: { numDroppedDuplicateRows: 1 },
    })
    const third = await driver.addRows([{ id: 'late', at: 30_000 }])
    expect(third.rows).toEqual([])
    expect(third.late).toHaveLength(1)
  })

  it('goes before an aggregation', async () => {
    const query = stream('events')
      .rows(Event)
      .withWatermark('at', '10 seconds')
      .dropDuplicates('id', 'at')
      .groupBy('id')
      .count()
      .writeStream({ outputMode: 'update', sinks: [nowhere] })
    const driver = testDriver(query)
    const { rows } = await driver.addRows([
      { id: 'a', at: 1_000 },
      { id: 'a', at: 1_000 },
      { id: 'a', at: 2_000 },
    ])
    expect(rows).toEqual([{ id: 'a', count: 2 }])
    expect((await driver.redeliver()).rows).toEqual(rows)
    expect(
      (
        await driver.addRows([
          { id: 'a', at: 1_000 },
          { id: 'a', at: 20_000 },
        ])
      ).rows,
    ).toEqual([{ id: 'a', count: 3 }])
  })
})
