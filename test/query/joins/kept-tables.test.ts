// Static sides that lie somewhere: in a file, in a DynamoDB table.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bigint, decimal, dynamoLookup, fileRows, long, stream, string, struct } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'

const Tick = struct({ symbol: string(), lot: long() })
const Company = struct({ symbol: string(), name: string() })
const sinks = [{ description: 'nowhere', write: async () => {} }]
const ticks = () => stream('ticks').rows(Tick)
const given = [
  { symbol: 'AAPL', lot: 1 },
  { symbol: 'NONE', lot: 2 },
]

describe('rows of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-rows-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const joined = async (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    const query = ticks()
      .join(fileRows(Company, path), { on: ['symbol'], type: 'left' })
      .writeStream({ sinks })
    return (await testDriver(query).addRows(given)).rows
  }
  const rows = [
    { symbol: 'AAPL', lot: 1, name: 'Apple' },
    { symbol: 'NONE', lot: 2, name: null },
  ]

  it('are lines, or the elements of an array', async () => {
    expect(
      await joined('lines.ndjson', '{"symbol":"AAPL","name":"Apple"}\n\n{"symbol":"GOOG","name":"Alphabet"}\n'),
    ).toEqual(rows)
    expect(await joined('array.json', '\n [{"symbol":"AAPL","name":"Apple"}]')).toEqual(rows)
  })

  it('fail the batch where one is bad, or the file is not there', async () => {
    await expect(joined('bad.ndjson', '{"symbol":"AAPL"}')).rejects.toMatchObject({
      code: 'PREPARE_FAILED',
      message: expect.stringContaining('bad.ndjson: row 0 is bad (WRONG_SHAPE'),
    })
    const missing = ticks()
      .join(fileRows(Company, join(folder, 'none.json')), { on: ['symbol'] })
      .writeStream({ sinks })
    await expect(testDriver(missing).addRows(given)).rejects.toThrow('ENOENT')
  })
})

describe('rows of a DynamoDB table', () => {
  const Lot = struct({
    symbol: string(),
    lot: long(),
    shares: bigint(),
    fee: decimal(10, 2),
    note: string().nullable(),
  })
  type Keys = readonly Record<string, { S?: string; N?: string }>[]
  interface Input {
    readonly RequestItems: Record<string, { readonly Keys: Keys; readonly ProjectionExpression: string }>
  }

  /** A client that leaves all but the first key unprocessed. */
  function slowClient() {
    const asked: Keys[] = []
    const send = async ({ input }: { readonly input: Input }) => {
      const { Keys: keys = [] } = input.RequestItems.lots ?? {}
      asked.push(keys)
      const [first, ...more] = keys
      const item = { ...first, shares: { N: '9007199254740993' }, fee: { N: '1.50' } }
      return {
        Responses: { lots: first?.symbol?.S === 'NONE' ? [] : [item] },
        UnprocessedKeys: more.length === 0 ? {} : { lots: { Keys: more } },
      }
    }
    return { asked, client: { send: send as never, destroy: () => {} } }
  }

  it('are read by their keys, those that a call leaves over by the next', async () => {
    const { asked, client } = slowClient()
    const lots = dynamoLookup({ table: 'lots', schema: Lot, key: ['symbol', 'lot'], client, maxAge: '1 minute' })
    const query = ticks()
      .join(lots, { on: ['lot', 'symbol'], type: 'left' })
      .writeStream({ sinks })
    const { rows } = await testDriver(query).addRows(given)
    expect(rows.map((row) => [row.symbol, row.shares, String(row.fee), row.note])).toEqual([
      ['AAPL', 9007199254740993n, '1.50', null],
      ['NONE', null, 'null', null],
    ])
    expect(asked).toEqual([
      [
        { symbol: { S: 'AAPL' }, lot: { N: '1' } },
        { symbol: { S: 'NONE' }, lot: { N: '2' } },
      ],
      [{ symbol: { S: 'NONE' }, lot: { N: '2' } }],
    ])
  })

  it('fail the batch where the table does not give them', async () => {
    const stuck = async ({ input }: { readonly input: Input }) => ({ UnprocessedKeys: input.RequestItems })
    const client = { send: stuck as never, destroy: () => {} }
    const lots = dynamoLookup({ table: 'lots', schema: Lot, key: ['symbol', 'lot'], client, maxAge: '1 minute' })
    const query = ticks()
      .join(lots, { on: ['lot', 'symbol'] })
      .writeStream({ sinks })
    await expect(testDriver(query).addRows(given)).rejects.toMatchObject({
      code: 'PREPARE_FAILED',
      message: expect.stringContaining('the table "lots" left 2 keys unread'),
    })
  })
})
