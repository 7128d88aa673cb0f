// What the table sink promises, over any DynamoDB API: the embedded one, and Amazon's own.
import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryDeadLetters, type Sink } from '../../../lib/index.ts'
import { dynamoSink } from '../../../lib/sink/tables/index.ts'
import { checkSink, type FoundRow, type Gate, type SinkCheckMode } from '../../../lib/testing/index.ts'
import { localClient } from '../../state/dynamo-table.ts'
import { aBar, aBatch } from '../batches.ts'
import { Every, emptyRow, fullRow } from '../every-column.ts'
import { expectMeasured } from '../measured.ts'

interface Api {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

/** @param modes which are killed everywhere: fewer where a server is slow */
export function dynamoSinkContract(name: string, start: () => Promise<Api>, modes: readonly SinkCheckMode[]): void {
  let api: Api
  let client: DynamoDBClient
  beforeAll(async () => {
    api = await start()
    client = localClient(api.endpoint)
  })
  afterAll(async () => {
    client.destroy()
    await api.stop()
  })

  let tables = 0
  async function aTable(...keys: readonly string[]): Promise<string> {
    const table = `rows-${tables++}`
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })),
        KeySchema: keys.map(
          (key, i): KeySchemaElement => ({ AttributeName: key, KeyType: i === 0 ? 'HASH' : 'RANGE' }),
        ),
      }),
    )
    await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 }, { TableName: table })
    return table
  }
  const scan = async (table: string): Promise<readonly Record<string, AttributeValue>[]> =>
    (await client.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).Items ?? []

  describe(`the table sink over ${name}`, () => {
    test('puts a newer version over an older one, and refuses an older one over a newer', async () => {
      const table = await aTable('symbol')
      const sink = dynamoSink({ table, key: ['symbol'], client })
      const update = (version: number, high: number) =>
        sink.write(aBatch([{ id: 'AAPL', version, row: aBar('AAPL', high) }], { outputMode: 'update' }))
      await update(2, 151)
      await update(2, 151)
      await update(1, 150)
      const found = { symbol: { S: 'AAPL' }, high: { N: '151' }, volume: { N: '100' }, _version: { N: '2' } }
      expect(await scan(table)).toEqual([found])
      await update(3, 152)
      expect(await scan(table)).toEqual([{ ...found, high: { N: '152' }, _version: { N: '3' } }])
    })

    test('puts the newest version of a key, where a batch has several', async () => {
      const table = await aTable('symbol')
      const rows = [3, 5, 4].map((version) => ({ id: 'AAPL', version, row: aBar('AAPL', version) }))
      await dynamoSink({ table, key: ['symbol'], client }).write(aBatch(rows, { outputMode: 'update' }))
      expect(await scan(table)).toMatchObject([{ high: { N: '5' } }])
    })

    test('keeps every type of column exactly, and leaves nulls out', async () => {
      const table = await aTable('id')
      const rows = [
        { id: 'full', row: fullRow },
        { id: 'empty', row: emptyRow },
      ]
      await dynamoSink({ table, client }).write(aBatch(rows, { columns: Every.columns }))
      const [full, empty] = (await scan(table)).toSorted((left) => (left.id?.S === 'full' ? -1 : 1))
      expect(full).toMatchObject({
        text: { S: fullRow.text },
        price: { N: '0.1' },
        volume: { N: '9007199254740991' },
        big: { N: '9223372036854775807' },
        isOpen: { BOOL: true },
        at: { N: '1700000000123' },
        day: { S: '1969-12-31' },
        tags: { L: [{ S: 'a' }, { NULL: true }, { S: '' }] },
        venue: {
          M: {
            name: { S: 'XNAS' },
            mics: { L: [{ M: { code: { S: 'X' }, since: { S: '2020-02-29' } } }, { M: { code: { S: 'Y' } } }] },
          },
        },
      })
      // Numbers of DynamoDB end before 1e126: a larger one is text.
      expect(full?.levels).toEqual({ M: { bid: { N: '1.25' }, ask: { S: '1e+300' } } })
      expect(full?.amount?.N?.replace(/0+$/, '')).toBe('-123456789012345678.9')
      expect(full?.large?.N).toBe('1234567890123456789012345678.0123456789')
      expect(Buffer.from(full?.bytes?.B ?? [])).toEqual(fullRow.bytes)
      expect(Object.keys(empty ?? {})).not.toContain('ratio')
      expect(empty?.levels).toEqual({ M: {} })
    })

    test('fails the batch for a row of more than 400 KB, with its id, or makes a dead letter of it and goes on', async () => {
      const table = await aTable('id')
      const rows = aBatch([
        { id: 'IBM', row: aBar('x'.repeat(450_000)) },
        { id: 'AAPL', row: aBar('AAPL') },
      ])
      await expect(dynamoSink({ table, client }).write(rows)).rejects.toThrow(/the row IBM has \d+ bytes, the table/)
      const letters = memoryDeadLetters()
      await dynamoSink({ table, client, oversized: letters }).write(rows)
      expect(await scan(table)).toMatchObject([{ id: { S: 'AAPL' } }])
      expect(letters.letters).toMatchObject([{ reason: 'VALUE_TOO_LONG', id: 'bars/IBM' }])
    })

    test('says which table is not there, which column is no column, and which name is taken', async () => {
      const rows = aBatch([{ id: 'AAPL', row: aBar('AAPL') }])
      const missing = dynamoSink({ table: 'nowhere', client })
      await expect(missing.write(rows)).rejects.toThrow(/table nowhere did not take a row. ResourceNotFoundException/)
      await expect(dynamoSink({ table: 't', key: ['day'], client }).write(rows)).rejects.toThrow('the key names day')
      const taken = dynamoSink({ table: 't', versionAttribute: 'high', client })
      await expect(taken.write(rows)).rejects.toThrow('Give the sink another versionAttribute')
    })

    test.each(modes)(
      'killed before, after and paused at every call, the table has the batch result: %s',
      async (mode) => {
        const table = await aTable('id')
        let items: ReturnType<typeof scan> | undefined
        const place = async (run: number) => ({
          sink: (gate: Gate) => inRun(run, dynamoSink({ table, client: gated(client, gate), parallelism: 2 })),
          async read() {
            items ??= scan(table)
            return (await items).filter(({ id }) => id?.S?.startsWith(`${run} `)).map(readItem)
          },
        })
        expectMeasured('dynamoSink', await checkSink(place, { modes: [mode] }))
      },
      120_000,
    )
  })
}

/** Many runs in one table, since to make one takes its time. */
const inRun = (run: number, sink: Sink<object>): Sink<object> => ({
  ...sink,
  write: (batch) => sink.write({ ...batch, rows: batch.rows.map((row) => ({ ...row, id: `${run} ${row.id}` })) }),
})

const gated = (client: DynamoDBClient, gate: Gate) => ({
  send: (command: never): Promise<unknown> => gate(() => client.send(command)),
})

function readItem({ id, _version, ...row }: Record<string, AttributeValue>): FoundRow {
  const columns = Object.entries(row).map(([name, value]) => [name, plain(value)])
  return { id: id?.S ?? '', version: Number(_version?.N), row: Object.fromEntries(columns) }
}

function plain(value: AttributeValue | undefined): unknown {
  if (value?.N !== undefined) return Number(value.N)
  if (value?.M === undefined) return value?.S
  return { start: plain(value.M.start), end: plain(value.M.end) }
}
