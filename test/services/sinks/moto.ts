// AWS's APIs on a free port of this machine (moto), and DuckDB, which reads what was written there as anybody's program does. Both are
// installed once into .local, as for the rehearsals.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { freePort } from '../../../local/process/port.ts'
import { duckdbPython, pythonTools } from '../../rehearsal/tools.ts'

export interface Moto {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const program = `${await pythonTools()}/moto_server`
  const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(server, 'close')
  const said: string[] = []
  server.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', () => {
      if (said.join('').includes('Running on')) resolve()
    })
    void ended.then(() => reject(new Error(`moto did not start:\n${said.join('')}`)))
  })
  const stop = async (): Promise<void> => {
    server.kill()
    await ended
  }
  return { endpoint: `http://127.0.0.1:${port}`, stop }
}

const script = `
import duckdb, json, sys
duckdb.sql("SET TimeZone = 'UTC'")
print(json.dumps(duckdb.sql(sys.argv[1]).fetchall(), default=str))
`

/** @returns the rows; what JSON has no form for is text */
export async function duckdb(sql: string): Promise<readonly (readonly unknown[])[]> {
  const { stdout } = await promisify(execFile)(await duckdbPython(), ['-c', script, sql], { maxBuffer: 100_000_000 })
  return JSON.parse(stdout)
}

export function clientsOf({ endpoint }: Moto) {
  const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
  const configuration = { endpoint, region: 'us-east-1', credentials }
  return {
    s3: new S3Client({ ...configuration, forcePathStyle: true }),
    sqs: new SQSClient(configuration),
    events: new EventBridgeClient(configuration),
  }
}

/** The objects of a bucket below a prefix, by their keys. */
export async function objectsIn(s3: S3Client, bucket: string, prefix: string): Promise<ReadonlyMap<string, Buffer>> {
  const all = new Map<string, Buffer>()
  let token: string | undefined
  do {
    const more = token === undefined ? {} : { ContinuationToken: token }
    const found = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...more }))
    for (const { Key = '' } of found.Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
      all.set(Key, Buffer.from((await Body?.transformToByteArray()) ?? []))
    }
    token = found.NextContinuationToken
  } while (token !== undefined)
  return all
}

/** So many messages of a queue, or as many as there are. */
export async function received(sqs: SQSClient, queueUrl: string, count: number): Promise<readonly Message[]> {
  const all: Message[] = []
  while (all.length < count) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    )
    if (Messages.length === 0) break
    all.push(...Messages)
  }
  return all
}
