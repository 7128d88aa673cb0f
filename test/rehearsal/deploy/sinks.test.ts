// A service whose queries have sinks, deployed against AWS's APIs on loopback: what the stack makes is as the template asks, and the
// sinks write there by the variables that the deployed function has.

import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { s3Sink } from '../../../lib/sink/files/s3.ts'
import { eventBridgeSink } from '../../../lib/sink/messages/event-bridge-sink.ts'
import { sqsSink } from '../../../lib/sink/messages/sqs-sink.ts'
import type { Sink } from '../../../lib/sink/sink.ts'
import { dynamoSink } from '../../../lib/sink/tables/dynamo-sink.ts'
import { aBar, aBatch } from '../../sink/batches.ts'
import { commandLine, type Package, sinksDir, sinksPackageOf, sls } from '../variants.ts'
import { expectAsAsked } from './as-asked.ts'
import { type Aws, type Made, startAws } from './aws.ts'

const stack = 'archived-dev'
const functionProperties = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.string()) }) })

describe.each(['msk', 'msk-scram'] as const)('with %s', (variant) => {
  let aws: Aws
  let packaged: Package
  let made: ReadonlyMap<string, Made>
  beforeAll(async () => {
    packaged = await sinksPackageOf(variant)
    aws = await startAws()
    await sls(['deploy', ...commandLine(variant)], aws.environment, sinksDir)
    made = await aws.readBack(stack)
  })
  afterAll(() => aws?.[Symbol.asyncDispose]())

  test('deploy makes the places that are asked for, and no other', () => {
    expect(expectAsAsked(packaged, made)).toBeGreaterThan(60)
    const places = [
      'SinkBucketArchivedtrades',
      'SinkBusShop',
      'SinkQueueAlerts',
      'SinkQueueOrderedfifo',
      'SinkTableBars',
    ]
    expect([...made.keys()].filter((id) => id.startsWith('Sink')).sort()).toEqual([...places, 'SinkTableTotals'])
  })

  test('the sinks of the function write where its variables say', async () => {
    const endpoint = aws.environment.AWS_ENDPOINT_URL ?? ''
    const environment = { AWS_ENDPOINT_URL: endpoint }
    const configuration = {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }
    const { Variables } = functionProperties.parse(made.get('MakesLambdaFunction')?.properties).Environment
    const { ARCHIVE_BUCKET = '', ALERTS_URL = '', BUS = '', TOTALS_TABLE = '' } = Variables
    const sinks: readonly Sink<object>[] = [
      s3Sink({ bucket: ARCHIVE_BUCKET, prefix: 'trades/', environment }),
      sqsSink({ queueUrl: ALERTS_URL, environment }),
      eventBridgeSink({ bus: BUS, environment }),
      dynamoSink({ table: TOTALS_TABLE, environment }),
    ]
    for (const sink of sinks)
      await sink.write(aBatch([{ id: 'AAPL', version: 1, row: aBar('AAPL', 1) }], { outputMode: 'update' }))

    const s3 = new S3Client({ ...configuration, forcePathStyle: true })
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'archived-trades' }))
    expect(Contents.map(({ Key }) => Key)).toEqual([expect.stringMatching(/^trades\/bars\/.*\.ndjson$/)])
    const sqs = new SQSClient(configuration)
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: ALERTS_URL }))
    expect(Messages.map(({ Body }) => Body)).toEqual(['{"symbol":"AAPL","high":1,"volume":100}'])
    const dynamoDb = new DynamoDBClient(configuration)
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: 'totals' }))
    expect(Items).toMatchObject([{ id: { S: 'AAPL' }, _version: { N: '1' } }])
    for (const client of [s3, sqs, dynamoDb]) client.destroy()
  })
})
