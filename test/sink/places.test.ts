// What every sink does, of rows, of late rows, and of dead letters.
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  count,
  deadLettersTo,
  fileSink,
  json,
  kafkaHandler,
  memorySink,
  type Sink,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../lib/index.ts'
import { s3Sink } from '../../lib/sink/files/s3.ts'
import { sqsSink } from '../../lib/sink/messages/sqs-sink.ts'
import { dynamoSink } from '../../lib/sink/tables/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { anEvent, aRecord } from '../builders.ts'
import { clientOf, placeNamed, places } from './places.ts'

const Tick = struct({ symbol: string(), at: timestamp() })
const ticks = stream('ticks').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))

describe.each(Object.keys(places))('%s', (name) => {
  const place = () => placeNamed(name)

  test('takes late rows, each under the coordinates of its record', async () => {
    const { sink, read } = place()
    const query = ticks
      .withWatermark('at', '1 second')
      .groupBy(window('at', '10 seconds'))
      .agg({ ticks: count() })
      .writeStream({ outputMode: 'append', sinks: [memorySink()], lateSink: sink })
    const driver = testDriver(query)
    await driver.addRows([{ symbol: 'AAPL', at: 100_000 }])
    await driver.addRows([{ symbol: 'MSFT', at: 1000 }])
    expect(await read()).toMatchObject([{ id: 'stock-ticks-0-1', row: { symbol: 'MSFT' } }])
  })

  test('takes dead letters, each under its id, and cuts one that is larger than it takes', async () => {
    const { sink, read } = place()
    const handler = kafkaHandler(ticks.writeStream({ sinks: [memorySink()] }), {
      deadLetters: deadLettersTo(sink, { isEphemeral: false }),
      log: () => undefined,
    })
    await handler(anEvent([aRecord({ offset: 1, value: 'no' }), aRecord({ offset: 2, value: 'x'.repeat(900_000) })]))
    const letters = (await read()).toSorted((left, right) => (left.id < right.id ? -1 : 1))
    expect(letters).toMatchObject([
      { id: 'stock-ticks-0-1', row: { reason: 'NOT_JSON', topic: 'stock-ticks' } },
      { id: 'stock-ticks-0-2', row: { reason: 'NOT_JSON' } },
    ])
    const cut = /\(cut: the value had 900000 bytes, SHA-256 [0-9a-f]{64}\)/
    if (['sqsSink', 'eventBridgeSink', 'dynamoSink'].includes(name)) expect(letters[1]?.row.detail).toMatch(cut)
    else expect(letters[1]?.row.detail).not.toMatch(cut)
  })
})

/** A query whose sink has a row among others that its place never takes. */
async function streamOf(sink: Sink<object>, oversized: string): Promise<readonly [string, string][]> {
  const driver = testDriver(
    stream('rows')
      .rows(struct({ symbol: string() }))
      .writeStream({ sinks: [sink] }),
  )
  const { deadLetters, progress } = await driver.addRows([{ symbol: 'A' }, { symbol: oversized }, { symbol: 'B' }])
  expect(progress.numDeadLetters).toBe(1)
  expect((await driver.addRows([{ symbol: 'C' }])).deadLetters).toEqual([])
  return deadLetters.map(({ id, reason }) => [id, reason])
}

describe('a row that a place never takes is a dead letter of the query, and the stream goes on', () => {
  test.each(['sqsSink', 'eventBridgeSink', 'dynamoSink'])('%s: a row that is too large', async (name) => {
    const place = placeNamed(name)
    expect(await streamOf(place.sink, 'x'.repeat(500_000))).toEqual([['rows/rows-0-1', 'VALUE_TOO_LONG']])
    expect((await place.read()).map(({ row }) => row.symbol).sort()).toEqual(['A', 'B', 'C'])
  })

  test('s3Sink: a value that makes the key of its object too long', async () => {
    const keys: string[] = []
    const client = clientOf(({ Key }) => void keys.push(Key))
    const sink = s3Sink({ bucket: 'rows', partitionBy: ['symbol'], client })
    expect(await streamOf(sink, 'x'.repeat(1000))).toEqual([['rows/rows-0-1', 'KEY_TOO_LONG']])
    expect(keys.map((key) => key.split('/')[1])).toEqual(['symbol=A', 'symbol=B', 'symbol=C'])
  })

  test('fileSink: a value that is too long for the name of a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'microbatch-place-'))
    const sink = fileSink({ folder, partitionBy: ['symbol'] })
    expect(await streamOf(sink, 'x'.repeat(300))).toEqual([['rows/rows-0-1', 'KEY_TOO_LONG']])
    expect(readdirSync(join(folder, 'rows')).sort()).toEqual(['symbol=A', 'symbol=B', 'symbol=C'])
  })

  test.each([
    ['long', 'x'.repeat(3000)],
    ['empty', ''],
  ])('dynamoSink: a value of the key that is %s', async (_, symbol) => {
    const keys: string[] = []
    const client = clientOf(({ Item }) => void keys.push(Object(Item).symbol.S))
    expect(await streamOf(dynamoSink({ table: 'rows', key: ['symbol'], client }), symbol)).toEqual([
      ['rows/rows-0-1', 'KEY_TOO_LONG'],
    ])
    expect(keys).toEqual(['A', 'B', 'C'])
  })

  test('sqsSink: a message that the queue itself finds too long, by its MaximumMessageSize', async () => {
    const bodies: string[] = []
    const client = clientOf(({ Entries }) => {
      const Message = 'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.'
      const refused = Entries.filter(({ MessageBody }) => MessageBody.length > 1024)
      bodies.push(...Entries.filter((entry) => !refused.includes(entry)).map(({ MessageBody }) => MessageBody))
      return { Failed: refused.map(({ Id }) => ({ Id, Code: 'InvalidParameterValue', SenderFault: true, Message })) }
    })
    const sink = sqsSink({ queueUrl: 'http://localhost/1/rows', client })
    expect(await streamOf(sink, 'x'.repeat(2000))).toEqual([['rows/rows-0-1', 'VALUE_TOO_LONG']])
    expect(bodies.map((body) => JSON.parse(body).symbol)).toEqual(['A', 'B', 'C'])
  })

  test('dynamoSink: an item that the table itself finds too large', async () => {
    const symbols: string[] = []
    const client = clientOf(({ Item }) => {
      const { S: symbol } = Object(Item).symbol
      if (symbol.length > 10) {
        const problem = new Error('Item size has exceeded the maximum allowed size')
        throw Object.assign(problem, { name: 'ValidationException' })
      }
      symbols.push(symbol)
    })
    expect(await streamOf(dynamoSink({ table: 'rows', client }), 'x'.repeat(11))).toEqual([
      ['rows/rows-0-1', 'VALUE_TOO_LONG'],
    ])
    expect(symbols.sort()).toEqual(['A', 'B', 'C'])
  })
})
