import { describe, expect, test } from 'vitest'
import { foreach, foreachBatch, memorySink, stream } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { aBar, aBatch, Bar } from '../batches.ts'

const rows = [
  { id: 't-0-1', row: aBar('AAPL') },
  { id: 't-0-2', row: aBar('MSFT') },
]

describe('foreachBatch', () => {
  test('gives a function the rows of a batch, and the batch beside them', async () => {
    const seen: unknown[] = []
    const query = stream('q')
      .rows(Bar)
      .writeStream({
        sinks: [foreachBatch((bars, { key }) => void seen.push([key, bars.map(({ symbol }) => symbol)]))],
      })
    await testDriver(query).addRows([aBar('AAPL'), aBar('MSFT')])
    expect(seen).toEqual([['rows-0:0-2', ['AAPL', 'MSFT']]])
  })

  test('that throws fails the batch, which says so', async () => {
    const failing = foreachBatch(() => {
      throw new Error('the table is locked')
    })
    const query = stream('q')
      .rows(Bar)
      .writeStream({ sinks: [memorySink(), failing] })
    await expect(testDriver(query).addRows([aBar('AAPL')])).rejects.toThrow(
      'q: the sink foreachBatch (2 of 2) did not take rows-0:0-1: the table is locked',
    )
  })
})

describe('foreach', () => {
  test('gives a function each row with its id', async () => {
    const seen: string[] = []
    await foreach<{ symbol: string }>((row, { id }) => void seen.push(`${id} ${row.symbol}`)).write(aBatch(rows))
    expect(seen).toEqual(['t-0-1 AAPL', 't-0-2 MSFT'])
  })

  test('opens and closes a writer around the rows of a batch, and leaves out a batch that it knows', async () => {
    const calls: string[] = []
    const known = new Set<string>()
    const sink = foreach<{ symbol: string }>({
      open: ({ key }) => !known.has(key),
      process: ({ symbol }) => void calls.push(symbol),
      close: (error) => void calls.push(`closed ${error}`),
    })
    await sink.write(aBatch(rows))
    known.add(aBatch(rows).key)
    await sink.write(aBatch(rows))
    expect(calls).toEqual(['AAPL', 'MSFT', 'closed null'])
  })

  test('closes a writer with what was thrown, and fails the batch', async () => {
    const closed: unknown[] = []
    const sink = foreach<object>({
      process: () => Promise.reject(new Error('no')),
      close: (error) => void closed.push(error),
    })
    await expect(sink.write(aBatch(rows))).rejects.toThrow('no')
    expect(closed).toEqual([new Error('no')])
  })
})

describe('the memory sink', () => {
  test('has of each id its newest row, whatever comes again', async () => {
    const sink = memorySink<object>()
    const update = (version: number, high: number) =>
      sink.write(aBatch([{ id: 'AAPL', version, row: aBar('AAPL', high) }], { outputMode: 'update' }))
    await update(2, 20)
    await update(1, 10)
    expect(sink.rows).toEqual([aBar('AAPL', 20)])
    expect(sink.batches).toHaveLength(2)
  })

  test('has the newest table of complete mode', async () => {
    const sink = memorySink<object>()
    const complete = (number: number, high: number) =>
      sink.write(aBatch([{ id: 'AAPL', row: aBar('AAPL', high) }], { outputMode: 'complete', number }))
    await complete(1, 20)
    await complete(0, 10)
    expect(sink.rows).toEqual([aBar('AAPL', 20)])
  })
})
