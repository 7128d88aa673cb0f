// The mapping's on-failure destinations against AWS's APIs on loopback: what was sent is what the service hands out.

import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Discarded, failureObject, failureRecord } from '../../../mapping/destination/failure-record.ts'
import { openDestination } from '../../../mapping/destination/open-destination.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { onFailureOf } from '../../../mapping/settings/on-failure.ts'
import { aRow, memoryLog } from '../../mapping/builders.ts'
import { type Aws, startAws } from './aws.ts'

const discarded: Discarded = {
  origin: { eventSource: 'aws:kafka', eventSourceArn: 'arn:aws:kafka:x', bootstrapServers: 'localhost:9092' },
  rows: [
    aRow({ offset: 4, key: null }),
    aRow({ offset: 5 }),
    aRow({ partition: 2, value: Buffer.from('\u00e9\u{1f4c8}') }),
  ],
  condition: 'RetryAttemptsExhausted',
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:demo-dev-bars',
  requestId: 'e4b46cbf-b738-xmpl-8880-a18cdf61200e',
  invokeCount: 3,
  functionError: 'Unhandled',
  atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
}

let aws: Aws
let config: { readonly endpoint: string; readonly region: string; readonly credentials: Credentials }
interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}
beforeAll(async () => {
  aws = await startAws()
  const endpoint = aws.environment.AWS_ENDPOINT_URL ?? ''
  config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
})
afterAll(() => aws?.[Symbol.asyncDispose]())

async function send(arn: string): Promise<void> {
  const onFailure = onFailureOf(arn)
  if (onFailure === undefined) throw new Error(`no destination in ${arn}`)
  const destination = await openDestination(onFailure, {
    ...{ brokers: [], region: config.region, allowed: noRemoteHosts, log: memoryLog(), file: '/dev/null' },
    awsEndpoint: () => config.endpoint,
  })
  await destination.send(discarded)
  await destination.close()
}

/** Makes a queue. @returns what takes a message out of it */
async function queue(name: string): Promise<() => Promise<unknown>> {
  const client = new SQSClient({ ...config, useQueueUrlAsEndpoint: false })
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name }))
  return async () => {
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }))
    return JSON.parse(Messages?.[0]?.Body ?? 'null')
  }
}

test('SQS hands out the failure record', async () => {
  const receive = await queue('failed')
  await send('arn:aws:sqs:us-east-1:123456789012:failed')
  expect(await receive()).toEqual(failureRecord(discarded))
})

test('SNS passes the failure record on to whoever has subscribed', async () => {
  const receive = await queue('subscriber')
  const client = new SNSClient(config)
  const { TopicArn = '' } = await client.send(new CreateTopicCommand({ Name: 'failed' }))
  const subscriber = { Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:123456789012:subscriber' }
  await client.send(new SubscribeCommand({ TopicArn, ...subscriber, Attributes: { RawMessageDelivery: 'true' } }))
  await send(TopicArn)
  expect(await receive()).toEqual(failureRecord(discarded))
})

test('S3 keeps the failure record with the whole event', async () => {
  const client = new S3Client({ ...config, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: 'failed-batches' }))
  await send('arn:aws:s3:::failed-batches')
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'failed-batches' }))
  expect(Contents?.map(({ Key }) => Key)).toEqual([
    expect.stringMatching(/^aws\/lambda\/demo-dev-bars\/2026\/01\/02\/2026-01-02T03\.04\.05-/),
  ])
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'failed-batches', Key: Contents?.[0]?.Key }))
  expect(JSON.parse((await Body?.transformToString()) ?? 'null')).toEqual(failureObject(discarded))
})

test('a queue that is not there is an error', async () => {
  await expect(send('arn:aws:sqs:us-east-1:123456789012:nowhere')).rejects.toThrow()
})
