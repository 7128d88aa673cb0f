import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { awsDestination } from '../../mapping/destination/aws.ts'
import {
  type Discarded,
  failureMessage,
  failureObject,
  failureRecord,
} from '../../mapping/destination/failure-record.ts'
import { fileDestination } from '../../mapping/destination/file.ts'
import { openDestination } from '../../mapping/destination/open-destination.ts'
import { noRemoteHosts } from '../../mapping/safety.ts'
import { onFailureOf } from '../../mapping/settings/on-failure.ts'
import { OversizedRow } from '../../mapping/source/fetch/oversized-row.ts'
import { aRow, memoryLog } from './builders.ts'

const discarded: Discarded = {
  origin: { eventSource: 'aws:kafka', eventSourceArn: 'arn:aws:kafka:x', bootstrapServers: 'localhost:9092' },
  rows: [aRow({ offset: 4, key: null }), aRow({ offset: 5, timestamp: 1_700_000_001_000 }), aRow({ partition: 2 })],
  condition: 'RetryAttemptsExhausted',
  functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
  requestId: 'e4b46cbf-b738-xmpl-8880-a18cdf61200e',
  invokeCount: 3,
  functionError: 'Unhandled',
  atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
}

test("local-mapping.md 4.5: the failure record is AWS's", () => {
  expect(failureRecord(discarded)).toEqual({
    requestContext: {
      requestId: 'e4b46cbf-b738-xmpl-8880-a18cdf61200e',
      functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-01-02T03:04:05.006Z',
    KafkaBatchInfo: {
      batchSize: 3,
      eventSourceArn: 'arn:aws:kafka:x',
      bootstrapServers: 'localhost:9092',
      payloadSize: Buffer.byteLength(failureObject(discarded).payload),
      recordsInfo: {
        'stock-ticks-0': {
          firstRecordOffset: '4',
          lastRecordOffset: '5',
          firstRecordTimestamp: '2023-11-14T22:13:20.000Z',
          lastRecordTimestamp: '2023-11-14T22:13:21.000Z',
        },
        'stock-ticks-2': {
          firstRecordOffset: '0',
          lastRecordOffset: '0',
          firstRecordTimestamp: '2023-11-14T22:13:20.000Z',
          lastRecordTimestamp: '2023-11-14T22:13:20.000Z',
        },
      },
    },
  })
})

test('local-mapping.md 4.4: S3 has the event as escaped JSON, Kafka as an object with one record', () => {
  expect(JSON.parse(failureObject(discarded).payload).records['stock-ticks-0']).toHaveLength(2)
  const message = failureMessage(discarded, aRow({ offset: 5 }))
  expect(message.requestContext.condition).toBe('RetriesExhausted')
  expect(message.KafkaBatchInfo).toMatchObject({ batchSize: 1, recordInfo: { offset: '5' } })
  expect(message.payload.records).toMatchObject({ 'stock-ticks-0': [{ offset: 5 }] })
})

test('a batch that was not read is in the failure record with all of its offsets', () => {
  const rows = [Object.assign(new OversizedRow(4, 9, 1_700_000_000_000, 6), { topic: 'stock-ticks' })]
  expect(failureRecord({ ...discarded, rows, condition: 'MaximumPayloadSizeExceeded' }).KafkaBatchInfo).toMatchObject({
    batchSize: 6,
    recordsInfo: { 'stock-ticks-0': { firstRecordOffset: '4', lastRecordOffset: '9' } },
  })
})

test('a record without a usable time has none that is wrong', () => {
  const record = failureRecord({ ...discarded, rows: [aRow({ timestamp: 9e15 })] })
  expect(record.KafkaBatchInfo.recordsInfo['stock-ticks-0']?.firstRecordTimestamp).toBe('9000000000000000')
})

/** So much of the three services as their clients need, and what they were told. */
const requests: Array<{
  readonly method: string
  readonly url: string
  readonly target: string
  readonly authorization: string
  readonly body: string
}> = []
async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}
const server = createServer(async (request, response) => {
  const body = await bodyOf(request)
  const target = String(request.headers['x-amz-target'] ?? '')
  const authorization = request.headers.authorization ?? ''
  requests.push({ method: request.method ?? '', url: request.url ?? '', target, authorization, body })
  if (target.endsWith('GetQueueUrl'))
    response.end(JSON.stringify({ QueueUrl: 'http://sqs.example.com/000000000000/failed' }))
  else if (target !== '')
    response.end(JSON.stringify({ MessageId: '1', MD5OfMessageBody: md5(JSON.parse(body).MessageBody) }))
  else if (request.method === 'PUT') response.end()
  else response.end('<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>')
})
const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
let endpoint = ''
let folder = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  requests.length = 0
  folder = mkdtempSync(join(tmpdir(), 'microbatch-destination-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function send(arn: string, awsEndpoint: string | undefined) {
  const onFailure = onFailureOf(arn)
  if (onFailure === undefined) throw new Error('none')
  const log = memoryLog()
  const destination = await openDestination(onFailure, {
    ...{ brokers: [], region: 'eu-west-1', allowed: noRemoteHosts, log },
    awsEndpoint: () => awsEndpoint,
    file: join(folder, 'deep/on-failure.ndjson'),
  })
  await destination.send(discarded)
  await destination.close()
  return { log, name: destination.name }
}

test('an SQS queue is found by its name, and sent to at the endpoint, whatever host its URL has', async () => {
  await send('arn:aws:sqs:eu-west-1:123456789012:failed', endpoint)
  const [find, message] = requests
  expect(JSON.parse(find?.body ?? '')).toEqual({ QueueName: 'failed' })
  expect(message?.target).toBe('AmazonSQS.SendMessage')
  expect(JSON.parse(JSON.parse(message?.body ?? '').MessageBody)).toEqual(failureRecord(discarded))
})

test('an SNS topic is published to', async () => {
  await send('arn:aws:sns:eu-west-1:123456789012:failed', endpoint)
  const form = new URLSearchParams(requests[0]?.body)
  expect(form.get('TopicArn')).toBe('arn:aws:sns:eu-west-1:123456789012:failed')
  expect(JSON.parse(form.get('Message') ?? '')).toEqual(failureRecord(discarded))
})

test('an S3 bucket gets an object with the event, under a name with its time', async () => {
  await send('arn:aws:s3:::failed-batches', endpoint)
  const [put] = requests
  expect(put?.method).toBe('PUT')
  expect(put?.url).toMatch(
    /^\/failed-batches\/aws\/lambda\/demo-dev-bars\/2026\/01\/02\/2026-01-02T03\.04\.05-[0-9a-f-]{36}\?/,
  )
  // The client sends it in chunks with a checksum behind it.
  expect(put?.body).toContain(JSON.stringify(failureObject(discarded)))
})

test.each([
  ['an SQS queue is asked for in its own', 'arn:aws:sqs:us-west-2:123456789012:failed', 'us-west-2'],
  ['an SNS topic is published to in its own', 'arn:aws:sns:us-west-2:123456789012:failed', 'us-west-2'],
  ["an S3 bucket, whose ARN has none, is put to in the service's", 'arn:aws:s3:::failed', 'eu-west-1'],
])('of two regions %s', async (_what, arn, region) => {
  await send(arn, endpoint)
  for (const { authorization } of requests)
    expect(authorization).toMatch(new RegExp(`Credential=local/\\d+/${region}/`))
  expect(requests).not.toEqual([])
})

test('a destination that only CloudFormation knows goes to the file, and a line says so', async () => {
  const { log } = await send('reference:{"Fn::ImportValue":"failed"}', endpoint)
  expect(JSON.parse(readFileSync(join(folder, 'deep/on-failure.ndjson'), 'utf8'))).toEqual(failureObject(discarded))
  expect(log.lines.join()).toContain('{"Fn::ImportValue":"failed"}')
  expect(requests).toEqual([])
})

test.each([
  { kind: 'sqs', arn: 'arn:aws:sqs:eu-west-1:123456789012:failed', name: 'failed', region: 'eu-west-1' },
  { kind: 's3', arn: 'arn:aws:s3:::failed', bucket: 'failed' },
] as const)('a service ($kind) that takes the request and never answers is given up', async (onFailure) => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const silentEndpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const at = { endpoint: silentEndpoint, region: 'eu-west-1', requestTimeoutMs: 50 }
  const destination = await awsDestination(onFailure, at)
  try {
    await expect(destination.send(discarded)).rejects.toThrow('50 ms requestTimeout')
  } finally {
    await destination.close()
    silent.closeAllConnections()
    silent.close()
  }
})

test('what has no endpoint on this machine goes to a file of mode 0600, and a line says so', async () => {
  const { log } = await send('arn:aws:sqs:eu-west-1:123456789012:failed', undefined)
  const file = join(folder, 'deep/on-failure.ndjson')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(failureObject(discarded))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(log.lines.join()).toContain('discarded batches go to')
  expect(requests).toEqual([])
})

test('a folder that is made for discarded batches is ignored by git, one that was there is left alone', async () => {
  for (const [path, expected] of [
    [join(folder, 'made/on-failure.ndjson'), true],
    [join(folder, 'on-failure.ndjson'), false],
  ] as const) {
    await fileDestination(path).send(discarded)
    expect(existsSync(join(dirname(path), '.gitignore'))).toBe(expected)
  }
})

test('file: is a destination of ours', async () => {
  await send(`file:${join(folder, 'here.ndjson')}`, endpoint)
  expect(readFileSync(join(folder, 'here.ndjson'), 'utf8').split('\n')).toHaveLength(2)
  expect(onFailureOf('file:///a/b')).toEqual({ kind: 'file', path: '/a/b' })
})
