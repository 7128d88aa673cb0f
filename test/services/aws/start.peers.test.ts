// `microbatch start` over a service whose query declares a bucket, a queue, a bus and a topic: it runs an S3 and an SQS, makes what is declared, and
// the rows of the topic are there; where it is told to run neither, they are in files.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defaultLibsDir } from '../../../local/kafka/distribution.ts'
import { freePort, isTaken } from '../../../local/process/port.ts'
import { program } from '../cli/microbatch.ts'

const folder = join(import.meta.dirname, '../fixtures/sinks')
const waiting = { timeout: 90_000, interval: 100 }
const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
let localDir: string
let child: ChildProcess
let done: Promise<number | null>
let said = ''
let broker = ''

beforeEach(() => {
  localDir = mkdtempSync(join(tmpdir(), 'microbatch-sinks-'))
})
afterEach(async () => {
  child.kill('SIGTERM')
  expect(await done).toBe(143)
  for (const name of [localDir, join(folder, '.esbuild'), join(folder, '.local')])
    rmSync(name, { recursive: true, force: true })
}, 60_000)

async function start(ports: Readonly<Record<string, string>>): Promise<void> {
  const kafka = await freePort()
  broker = `localhost:${kafka}`
  said = ''
  child = spawn(process.execPath, [program, 'start', '--dir', folder], {
    env: {
      ...process.env,
      ...{ LOCAL_DIR: localDir, KAFKA_LIBS_DIR: defaultLibsDir, KAFKA_PORT: String(kafka), KAFKA_BROKERS: '' },
      ...{ OFFLINE_LAMBDA_PORT: String(await freePort()), OFFLINE_HTTP_PORT: String(await freePort()) },
      ...{ DYNAMODB_PORT: String(await freePort()), PAGE_PORT: 'off', ...ports },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  done = new Promise((resolve) => child.once('close', resolve))
  await vi.waitFor(() => expect(said).toContain('Ctrl-C ends all of it.'), waiting)
}

async function send(...values: readonly object[]): Promise<void> {
  const producer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  await producer.send({ topic: 'orders', messages: values.map((value) => ({ value: JSON.stringify(value) })) })
  await producer.disconnect()
}

/** How many records a topic has. */
async function recordsOf(topic: string): Promise<number> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  return offsets.reduce((sum, { high }) => sum + Number(high), 0)
}

const orders = [
  { region: 'EU', amount: 1.5 },
  { region: 'US', amount: 2 },
]
const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [])
const objects = [
  expect.stringMatching(/^eu\/orders\/region=EU\/.*\.ndjson$/),
  expect.stringMatching(/^eu\/orders\/region=US\/.*\.ndjson$/),
]

test('an S3 and an SQS have the rows, and end with it', async () => {
  const [s3Port, sqsPort] = [await freePort(), await freePort()]
  await start({ S3_PORT: String(s3Port), SQS_PORT: String(sqsPort) })
  expect(said).toContain(`S3           http://127.0.0.1:${s3Port} (shop-archive)`)
  expect(said).toContain(`SQS          http://127.0.0.1:${sqsPort} (alerts)`)
  await send(...orders)
  const s3 = new S3Client({
    ...{ endpoint: `http://127.0.0.1:${s3Port}`, region: 'us-east-1', credentials, forcePathStyle: true },
  })
  await vi.waitFor(async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'shop-archive' }))
    expect(Contents.map(({ Key }) => Key)).toEqual(objects)
  }, waiting)
  const sqs = new SQSClient({ endpoint: `http://127.0.0.1:${sqsPort}`, region: 'us-east-1', credentials })
  const bodies: string[] = []
  const QueueUrl = `http://127.0.0.1:${sqsPort}/000000000000/alerts`
  await vi.waitFor(async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    bodies.push(...Messages.map(({ Body = '' }) => Body))
    expect(bodies.map((body) => JSON.parse(body))).toEqual(expect.arrayContaining(orders))
  }, waiting)
  // No API of EventBridge's is run.
  await vi.waitFor(() => expect(linesOf(join(folder, '.local/events/shop.ndjson'))).toHaveLength(2), waiting)
  expect(said).toContain('Topic        shipped, 2 partitions')
  await vi.waitFor(async () => expect(await recordsOf('shipped')).toBe(2), waiting)
  for (const client of [s3, sqs]) client.destroy()
  child.kill('SIGTERM')
  await done
  for (const port of [s3Port, sqsPort]) expect(await isTaken(port)).toBe(false)
}, 180_000)

test('files have them where both are off', async () => {
  await start({ S3_PORT: 'off', SQS_PORT: 'off' })
  expect(said).not.toMatch(/^S(3|QS) /m)
  await send(...orders)
  const bucket = join(folder, '.local/s3/shop-archive')
  await vi.waitFor(() => {
    const files = existsSync(bucket) ? readdirSync(bucket, { recursive: true, encoding: 'utf8' }) : []
    expect(files.filter((name) => name.endsWith('.ndjson')).toSorted()).toEqual(objects)
  }, waiting)
  await vi.waitFor(() => expect(linesOf(join(folder, '.local/sqs/alerts.ndjson'))).toHaveLength(2), waiting)
}, 180_000)
