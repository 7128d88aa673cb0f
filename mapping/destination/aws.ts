// Discarded batches to SQS, SNS or S3 by AWS's own clients, at an endpoint on this machine (ElasticMQ, MinIO, LocalStack,
// moto) with dummy credentials: nothing is read from profiles, and nothing here can reach an account.

import { randomUUID } from 'node:crypto'
import { dummyAccount, givingUpAfter } from '../invoke/aws-client.ts'
import type { Destination } from './destination.ts'
import { type Discarded, failureObject, failureRecord } from './failure-record.ts'

type AwsOnFailure =
  | { readonly kind: 'sqs' | 'sns'; readonly arn: string; readonly name: string; readonly region: string }
  | { readonly kind: 's3'; readonly arn: string; readonly bucket: string }

interface AwsEndpoint {
  readonly endpoint: string
  /** The service's region; an ARN that names one goes before it. */
  readonly region: string
  /** The time for each of three attempts. */
  readonly requestTimeoutMs?: number
}

const config = ({ endpoint, region, requestTimeoutMs = 10_000 }: AwsEndpoint) => ({
  endpoint,
  region,
  ...dummyAccount,
  maxAttempts: 3,
  requestHandler: givingUpAfter(requestTimeoutMs),
})

/**
 * The account of an ARN is not asked for: local services have what they have under one of their own (LocalStack and moto
 * 000000000000), and the queue that stands for another account's is found there by its name.
 *
 * @example const destination = await awsDestination({ kind: 's3', arn, bucket }, { endpoint: 'http://127.0.0.1:4566', region })
 */
export async function awsDestination(onFailure: AwsOnFailure, service: AwsEndpoint): Promise<Destination> {
  const hasRegion = onFailure.kind !== 's3' && onFailure.region !== ''
  const at = hasRegion ? { ...service, region: onFailure.region } : service
  switch (onFailure.kind) {
    case 'sqs':
      return sqsQueue(onFailure, at)
    case 'sns':
      return snsTopic(onFailure, at)
    case 's3':
      return s3Bucket(onFailure.bucket, at)
  }
}

async function sqsQueue(queue: { readonly name: string }, at: AwsEndpoint): Promise<Destination> {
  const { SQSClient, GetQueueUrlCommand, SendMessageCommand } = await import('@aws-sdk/client-sqs')
  // Emulators answer queue URLs with host names of their own; the endpoint is what is known to be this machine.
  const client = new SQSClient({ ...config(at), useQueueUrlAsEndpoint: false })
  return {
    name: `the SQS queue ${queue.name}`,
    send: async (discarded) => {
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue.name }))
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(failureRecord(discarded)) }))
    },
    close: async () => client.destroy(),
  }
}

async function snsTopic(topic: { readonly arn: string; readonly name: string }, at: AwsEndpoint): Promise<Destination> {
  const { SNSClient, PublishCommand } = await import('@aws-sdk/client-sns')
  const client = new SNSClient(config(at))
  return {
    name: `the SNS topic ${topic.name}`,
    send: async (discarded) => {
      await client.send(new PublishCommand({ TopicArn: topic.arn, Message: JSON.stringify(failureRecord(discarded)) }))
    },
    close: async () => client.destroy(),
  }
}

async function s3Bucket(bucket: string, at: AwsEndpoint): Promise<Destination> {
  const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3')
  const client = new S3Client({ ...config(at), forcePathStyle: true })
  return {
    name: `the S3 bucket ${bucket}`,
    send: async (discarded) => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: objectKey(discarded, randomUUID()),
          Body: JSON.stringify(failureObject(discarded)),
          ContentType: 'application/json',
        }),
      )
    },
    close: async () => client.destroy(),
  }
}

/**
 * `aws/lambda/<mapping>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<id>`, as AWS names them; for the mapping's UUID stands the function.
 * @example objectKey(discarded, id) // 'aws/lambda/demo-dev-bars/2026/01/02/2026-01-02T03.04.05-1b9d…'
 */
function objectKey({ functionArn, atMs }: Discarded, id: string): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().slice(0, 19).split('T')
  const name = functionArn.slice(functionArn.lastIndexOf(':') + 1)
  return `aws/lambda/${name}/${date.replaceAll('-', '/')}/${date}T${time.replaceAll(':', '.')}-${id}`
}
