// A union of streams: rows of several sources through one query, and what their watermarks come to together.

import { describe, expect, expectTypeOf, it } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import {
  count,
  json,
  kafkaHandler,
  memoryDeadLetters,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../../lib/index.ts'
import type { SinkBatch } from '../../../lib/sink/sink.ts'
import { testDriver } from '../../../lib/testing/index.ts'

const Event = struct({ id: string(), at: timestamp() })
const Reordered = struct({ at: timestamp().nullable(), id: string() })
const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const
const nowhere = { description: 'nowhere', write: async () => {} }

const left = () => stream('left').rows(Event)
const right = () => stream('right').rows(Event)

describe('union', () => {
  it('lets the rows of both streams through, with the columns of the first', async () => {
    const both = left().union(stream('right').rows(Reordered))
    expectTypeOf(both.runBatch([])).toEqualTypeOf<readonly { readonly id: string; readonly at: number | null }[]>()
    const driver = testDriver(both.where(({ id }) => id !== 'x').writeStream({ sinks: [nowhere] }))
    const { emitted, progress } = await driver.addRows(
      [
        { id: 'a', at: 1 },
        { id: 'b', at: 2 },
        { id: 'x', at: 3 },
      ],
      { source: ({ id }) => (id === 'b' ? 'right' : 'left') },
    )
    expect(emitted.map(({ row }) => JSON.stringify(row))).toEqual(['{"id":"a","at":1}', '{"id":"b","at":2}'])
    expect(emitted.map(({ id }) => id)).toEqual(['rows-0-0', 'right-0-0'])
    expect(progress.sources).toMatchObject([
      { description: 'rows', numInputRows: 2, endOffset: { rows: { 0: 2 } } },
      { description: 'right', numInputRows: 1, endOffset: { right: { 0: 1 } } },
    ])
    expect(
      both
        .runBatch([{ id: 'a', at: 1 }], { sources: { right: [{ id: 'b', at: 2 }] } })
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['a', 'b'])
  })

  const grouped = (rows: ReturnType<typeof left>) => rows.groupBy(window('at', '10 seconds')).agg({ n: count() })

  it('follows the least of two watermarks, and a silent side holds it', async () => {
    const query = grouped(left().withWatermark('at', '10 seconds').union(right().withWatermark('at', '5 seconds')))
    const driver = testDriver(query.writeStream({ sinks: [nowhere] }))
    const ahead = await driver.addRows([{ id: 'l', at: 60_000 }])
    expect(driver.watermarkMs).toBe(0)
    expect(ahead.progress.eventTime?.heldBackBy).toEqual({ partition: 'right-0', eventTime: null })
    await driver.addRows([{ id: 'r', at: 5_000 }], { source: 'right' })
    expect(driver.watermarkMs).toBe(0)
    const { rows } = await driver.addRows([{ id: 'r', at: 100_000 }], { source: 'right' })
    expect(driver.watermarkMs).toBe(50_000)
    expect(rows).toEqual([{ window: { start: 0, end: 10_000 }, n: 1 }])
  })

  it('follows the greatest where it is asked to', async () => {
    const query = grouped(left().withWatermark('at', '10 seconds').union(right().withWatermark('at', '5 seconds')))
    const driver = testDriver(query.writeStream({ multipleWatermarkPolicy: 'max', sinks: [nowhere] }))
    await driver.addRows([{ id: 'l', at: 60_000 }])
    expect(driver.watermarkMs).toBe(50_000)
    await driver.addRows([{ id: 'r', at: 60_000 }], { source: 'right' })
    expect(driver.watermarkMs).toBe(55_000)
  })

  it('has one watermark where it is written behind it, and measures the rows of a side without one all the same', async () => {
    const after = testDriver(
      grouped(left().union(right()).withWatermark('at', '10 seconds')).writeStream({
        watermarkPolicy: 'max',
        sinks: [nowhere],
      }),
    )
    await after.addRows([{ id: 'l', at: 60_000 }])
    expect(after.watermarkMs).toBe(50_000)
    const oneSided = testDriver(
      grouped(left().withWatermark('at', '10 seconds').union(right())).writeStream({ sinks: [nowhere] }),
    )
    await oneSided.addRows([{ id: 'l', at: 60_000 }])
    expect(oneSided.watermarkMs).toBe(50_000)
    const { late, warnings } = await oneSided.addRows([{ id: 'r', at: 1_000 }], { source: 'right' })
    expect(late).toEqual([{ id: 'r', at: 1_000 }])
    expect(warnings).toEqual([])
  })

  it('is one function of the topics of all sources', async () => {
    const of = (topic: string) => stream('union').readKafka({ topic }).decode(json(Event))
    const written: string[] = []
    const sink = {
      description: 'ids',
      write: async ({ rows }: SinkBatch<{ readonly id: string }>) => {
        written.push(...rows.map(({ row }) => row.id))
      },
    }
    const query = of('visa')
      .union(of('mastercard'))
      .union(of('amex'))
      .writeStream({ sinks: [sink] })
    const handler = kafkaHandler(query, { deadLetters: memoryDeadLetters() })
    const record = (topic: string, value: object) => ({
      topic,
      partition: 0,
      offset: 0,
      timestamp: 1,
      timestampType: 0 as const,
      key: null,
      value: Buffer.from(JSON.stringify(value)),
      headers: [],
    })
    const progress = await handler(
      encodeKafkaEvent(origin, [
        record('visa', { id: 'v', at: 1 }),
        record('amex', { id: 'a', at: 1 }),
        record('mastercard', {}),
      ]),
    )
    expect(progress.numDeadLetters).toBe(1)
    expect(written).toEqual(['v', 'a'])
    await expect(handler(encodeKafkaEvent(origin, [record('diners', { id: 'd', at: 1 })]))).rejects.toThrow(
      'reads the topics visa, mastercard, amex, and the event has records of diners',
    )
  })

  it('refuses streams that do not fit', () => {
    expect(() => left().union(left())).toThrow(
      'left: a union reads left twice; a row finds its side by where it is from.',
    )
    // @ts-expect-error a column is missing
    expect(() => left().union(stream('r').rows(struct({ id: string() })))).toThrow('same columns on both sides')
    expect(() => left().union(stream('r').rows(struct({ id: string(), at: string() })))).toThrow(
      '`at` is TIMESTAMP on one side and STRING on the other',
    )
    const moved = right().withWatermark('at', '1 second').union(left().withWatermark('at', '1 second'))
    expect(() => moved.withWatermark('at', '1 second')).toThrow('Redefining watermark is disallowed.')
    expect(() => left().dropDuplicates('id').union(right())).toThrow('union takes rows as they come from their sources')
  })
})
