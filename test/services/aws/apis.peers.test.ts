// The S3 and the SQS of a laptop, with the sinks of the library: what was written is there after a restart, also after a crash.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { s3Sink } from '../../../lib/sink/files/s3.ts'
import { sqsSink } from '../../../lib/sink/messages/sqs-sink.ts'
import type { AwsApi } from '../../../local/aws/java-api.ts'
import { startS3 } from '../../../local/aws/s3-server.ts'
import { startSqs } from '../../../local/aws/sqs-server.ts'
import { defaultLibsDir } from '../../../local/kafka/distribution.ts'
import { freePort } from '../../../local/process/port.ts'
import { aBar, aBatch } from '../../sink/batches.ts'

const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
const rows = ['AAPL', 'MSFT'].map((symbol, i) => ({ id: `ticks-0-${i}`, row: aBar(symbol, i) }))
let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-aws-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const optionsFor = (name: string, port: number) => ({
  ...{ port, dataDir: join(dir, name), logFile: join(dir, 'log', `${name}.log`) },
  ...{ libsDir: defaultLibsDir, log: () => {} },
})

describe('S3', () => {
  let api: AwsApi
  const start = async () => startS3(optionsFor('s3', await freePort()), ['archive'])
  const withClient = async <T>(call: (client: S3Client) => Promise<T>): Promise<T> => {
    const client = new S3Client({ endpoint: api.url, region: 'us-east-1', credentials, forcePathStyle: true })
    return call(client).finally(() => client.destroy())
  }
  beforeAll(async () => {
    api = await start()
  }, 120_000)
  afterAll(() => api.stop())

  test('takes the objects of the sink, which are files of a folder, and keeps them when it is killed', async () => {
    const sink = s3Sink({ bucket: 'archive', partitionBy: ['symbol'], environment: { AWS_ENDPOINT_URL_S3: api.url } })
    await sink.write(aBatch(rows))
    await sink.write(aBatch(rows))
    await api.kill()
    expect(await api.ended).toBe('SIGKILL')
    api = await start()
    const { Contents = [] } = await withClient((client) => client.send(new ListObjectsV2Command({ Bucket: 'archive' })))
    expect(Contents.map(({ Key }) => Key)).toEqual(
      ['AAPL', 'MSFT'].map((symbol) => expect.stringMatching(new RegExp(`^bars/symbol=${symbol}/.+\\.ndjson$`))),
    )
    const { Body } = await withClient((client) =>
      client.send(new GetObjectCommand({ Bucket: 'archive', Key: Contents[0]?.Key ?? '' })),
    )
    expect(await Body?.transformToString()).toBe('{"high":0,"volume":100,"_id":"ticks-0-0"}\n')
    expect(readdirSync(join(dir, 's3/archive/bars')).toSorted()).toEqual(['symbol=AAPL', 'symbol=MSFT'])
  })

  test('says that a bucket is not there', async () => {
    const sink = s3Sink({ bucket: 'nowhere', environment: { AWS_ENDPOINT_URL_S3: api.url } })
    await expect(sink.write(aBatch(rows))).rejects.toThrow(/the bucket nowhere did not take/)
  })
})

describe('SQS', () => {
  let api: AwsApi
  const start = async () => startSqs(optionsFor('sqs', await freePort()), ['alerts', 'ordered.fifo'])
  const received = async (queue: string): Promise<readonly (string | undefined)[]> => {
    const client = new SQSClient({ endpoint: api.url, region: 'us-east-1', credentials })
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: `${api.url}/000000000000/${queue}`, MaxNumberOfMessages: 10 }),
    )
    client.destroy()
    return Messages.map(({ Body }) => Body)
  }
  beforeAll(async () => {
    api = await start()
  }, 120_000)
  afterAll(() => api.stop())

  test('takes the messages of the sink, and keeps them when it is started again', async () => {
    const queueUrl = `${api.url}/000000000000/alerts`
    await sqsSink({ queueUrl, environment: {} }).write(aBatch(rows))
    await api.stop()
    api = await start()
    const bodies = await received('alerts')
    expect(bodies.toSorted()).toEqual(rows.map(({ row }) => JSON.stringify(row)))
  })

  test('drops in a FIFO queue what comes again', async () => {
    const queueUrl = `${api.url}/000000000000/ordered.fifo`
    const sink = sqsSink({ queueUrl, environment: {} })
    await sink.write(aBatch(rows))
    await sink.write(aBatch(rows))
    expect((await received('ordered.fifo')).toSorted()).toEqual(rows.map(({ row }) => JSON.stringify(row)))
  })
})
