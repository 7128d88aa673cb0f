// Rows in a bucket, a queue and on a bus, over moto's S3, SQS and EventBridge; the files are read by DuckDB.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  CreateEventBusCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parquet } from '../../../lib/sink/files/parquet.ts'
import { s3Sink } from '../../../lib/sink/files/s3.ts'
import { eventBridgeSink } from '../../../lib/sink/messages/event-bridge-sink.ts'
import { sqsSink } from '../../../lib/sink/messages/sqs-sink.ts'
import { aBar, aBatch } from '../../sink/batches.ts'
import { Every, emptyRow, fullRow } from '../../sink/every-column.ts'
import { clientsOf, duckdb, type Moto, objectsIn, received, startMoto } from './moto.ts'

let moto: Moto
let environment: Readonly<Record<string, string>>
let s3: S3Client
let sqs: SQSClient
let events: EventBridgeClient
const folder = mkdtempSync(join(tmpdir(), 'microbatch-s3-'))
const bucket = 'rows'

beforeAll(async () => {
  moto = await startMoto()
  environment = { AWS_ENDPOINT_URL: moto.endpoint }
  ;({ s3, sqs, events } = clientsOf(moto))
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
}, 300_000)
afterAll(async () => {
  for (const client of [s3, sqs, events]) client.destroy()
  await moto.stop()
  rmSync(folder, { recursive: true })
})

/** The objects below a prefix, on the disk for DuckDB. */
async function download(prefix: string): Promise<void> {
  for (const [key, bytes] of await objectsIn(s3, bucket, prefix)) {
    const path = join(folder, key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
}

describe('the bucket', () => {
  test('has Parquet in which DuckDB finds every type of column', async () => {
    const sink = s3Sink({ bucket, prefix: 'every/', format: parquet(), environment })
    const rows = [
      { id: 'full', row: fullRow },
      { id: 'empty', row: emptyRow },
    ]
    await sink.write(aBatch(rows, { columns: Every.columns }))
    await sink.write(aBatch(rows, { columns: Every.columns }))
    await download('every/')
    const files = `'${folder}/every/**/*.parquet'`
    const types = (await duckdb(`DESCRIBE SELECT * FROM read_parquet(${files})`)).map(
      ([name, type]) => `${name} ${type}`,
    )
    expect(types.join(', ')).toBe(
      'text VARCHAR, price DOUBLE, ratio FLOAT, volume BIGINT, count INTEGER, small SMALLINT, tiny TINYINT, big BIGINT, ' +
        'amount DECIMAL(20,2), large DECIMAL(38,10), isOpen BOOLEAN, at TIMESTAMP WITH TIME ZONE, local TIMESTAMP, day DATE, ' +
        'bytes BLOB, tags VARCHAR[], levels MAP(VARCHAR, DOUBLE), ' +
        'venue STRUCT("name" VARCHAR, mics STRUCT(code VARCHAR, since DATE)[]), _id VARCHAR',
    )
    const columns =
      'text, price, volume, big, amount, large, "at"::VARCHAR, local::VARCHAR, day, hex(bytes), tags, venue, _id'
    expect(await duckdb(`SELECT ${columns} FROM read_parquet(${files}) ORDER BY _id DESC`)).toEqual([
      [
        fullRow.text,
        0.1,
        9_007_199_254_740_991,
        // Rounded by this test's own JSON, not by the file: the sum below has all digits.
        expect.any(Number),
        '-123456789012345678.90',
        '1234567890123456789012345678.0123456789',
        '2023-11-14 22:13:20.123+00',
        '2023-11-14 22:13:20.123',
        '1969-12-31',
        '00FF0A',
        ['a', null, ''],
        {
          name: 'XNAS',
          mics: [
            { code: 'X', since: '2020-02-29' },
            { code: 'Y', since: null },
          ],
        },
        'full',
      ],
      [
        ...['', -0, -9_007_199_254_740_991, expect.any(Number), '0.00', null, '0001-01-01 00:00:00+00'],
        ...['1970-01-01 00:00:00', null, '', [], null, 'empty'],
      ],
    ])
    expect(await duckdb(`SELECT (max(big)::HUGEINT - 1)::VARCHAR FROM read_parquet(${files})`)).toEqual([
      ['9223372036854775806'],
    ])
  })

  test('has folders that DuckDB takes for a column', async () => {
    const rows = ['AAPL', 'A/B=1', 'AAPL'].map((symbol, i) => ({ id: `ticks-0-${i}`, row: aBar(symbol, i) }))
    const sink = s3Sink({ bucket, prefix: 'parts/', format: parquet(), partitionBy: ['symbol'], environment })
    await sink.write(aBatch(rows))
    await download('parts/')
    const query = `SELECT symbol, sum(high) FROM read_parquet('${folder}/parts/**/*.parquet', hive_partitioning = true) GROUP BY 1 ORDER BY 1`
    expect(await duckdb(query)).toEqual([
      ['A/B=1', 1],
      ['AAPL', 2],
    ])
  })

  test('that is not there is named', async () => {
    const sink = s3Sink({ bucket: 'nowhere', environment })
    await expect(sink.write(aBatch([{ id: 'a', row: aBar('A') }]))).rejects.toThrow(/the bucket nowhere did not take/)
  })
})

describe('the queue', () => {
  const rows = Array.from({ length: 25 }, (_, i) => ({ id: `ticks-0-${i}`, version: i, row: aBar('AAPL', i) }))

  test('has a message for each row, with its id and version as attributes', async () => {
    const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'rows' }))
    await sqsSink({ queueUrl, environment }).write(aBatch(rows, { outputMode: 'update' }))
    const messages = await received(sqs, queueUrl, 30)
    expect(messages).toHaveLength(25)
    const last = messages.find(({ MessageAttributes }) => MessageAttributes?.id?.StringValue === 'ticks-0-24')
    expect(last?.Body).toBe('{"symbol":"AAPL","high":24,"volume":100}')
    expect(last?.MessageAttributes?.version).toMatchObject({ DataType: 'Number', StringValue: '24' })
  })

  test('that is FIFO drops a row that comes again, and takes a newer version of it', async () => {
    const Attributes = { FifoQueue: 'true' }
    const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'rows.fifo', Attributes }))
    const sink = sqsSink({ queueUrl, environment, group: ({ symbol }: { readonly symbol: string }) => symbol })
    const write = (version: number) =>
      sink.write(aBatch([{ id: 'AAPL', version, row: aBar('AAPL', version) }], { outputMode: 'update' }))
    await write(1)
    await write(1)
    await write(2)
    expect((await received(sqs, queueUrl, 2)).map(({ Body }) => JSON.parse(Body ?? '').high)).toEqual([1, 2])
  })
})

test('the bus gives each row to its rules, with the id beside the row', async () => {
  const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'caught' }))
  await events.send(new CreateEventBusCommand({ Name: 'shop' }))
  const EventPattern = JSON.stringify({ source: ['microbatch'], detail: { data: { symbol: ['AAPL'] } } })
  await events.send(new PutRuleCommand({ Name: 'apples', EventBusName: 'shop', EventPattern }))
  const Arn = 'arn:aws:sqs:us-east-1:123456789012:caught'
  await events.send(new PutTargetsCommand({ Rule: 'apples', EventBusName: 'shop', Targets: [{ Id: '1', Arn }] }))
  const rows = ['AAPL', 'MSFT'].map((symbol, i) => ({ id: symbol, version: i, row: aBar(symbol, i) }))
  await eventBridgeSink({ bus: 'shop', environment }).write(aBatch(rows, { outputMode: 'update' }))
  const bodies = (await received(sqs, queueUrl, 2)).map(({ Body }) => JSON.parse(Body ?? ''))
  expect(bodies).toMatchObject([
    {
      'detail-type': 'bars',
      detail: { metadata: { id: 'AAPL', version: 0, query: 'bars' }, data: { symbol: 'AAPL', high: 0, volume: 100 } },
    },
  ])
})
