// A bucket, queues and a bus of moto, whose sinks are killed before, after and paused at every call.
import {
  CreateEventBusCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { s3Sink } from '../../../lib/sink/files/s3.ts'
import { eventBridgeSink } from '../../../lib/sink/messages/event-bridge-sink.ts'
import { sqsSink } from '../../../lib/sink/messages/sqs-sink.ts'
import { checkSink, type FoundRow, type Gate } from '../../../lib/testing/index.ts'
import { expectMeasured } from '../../sink/measured.ts'
import { readRow } from '../../sink/read-row.ts'
import { clientsOf, type Moto, objectsIn, received, startMoto } from './moto.ts'

const bucket = 'killed'
let moto: Moto
let s3: S3Client
let sqs: SQSClient
let events: EventBridgeClient
beforeAll(async () => {
  moto = await startMoto()
  ;({ s3, sqs, events } = clientsOf(moto))
  await s3.send(new CreateBucketCommand({ Bucket: bucket }))
}, 300_000)
afterAll(async () => {
  for (const client of [s3, sqs, events]) client.destroy()
  await moto.stop()
})

const gated = (client: { send(command: never): Promise<unknown> }, gate: Gate) => ({
  send: (command: never): Promise<unknown> => gate(() => client.send(command)),
})

describe('killed before, after and paused at every call', { timeout: 240_000 }, () => {
  test('a bucket has the batch result after kills, for a reader by ids', async () => {
    let all: ReturnType<typeof objectsIn> | undefined
    const place = async (run: number) => ({
      sink: (gate: Gate) => s3Sink({ bucket, prefix: `killed/${run}/`, client: gated(s3, gate) }),
      async read() {
        all ??= objectsIn(s3, bucket, 'killed/')
        const own = [...(await all)].filter(([key]) => key.startsWith(`killed/${run}/`))
        return own.flatMap(([, bytes]) => String(bytes).trimEnd().split('\n').map(readRow))
      },
    })
    expectMeasured('s3Sink', await checkSink(place, { modes: ['rows'] }))
  })

  const foundIn = ({ Body = '', MessageAttributes: { id, version } = {} }: Message): FoundRow => ({
    id: id?.StringValue ?? '',
    version: Number(version?.StringValue ?? 0),
    row: JSON.parse(Body),
  })
  test.each(['killed', 'killed.fifo'])('the queue %s has the batch result for a reader by ids', async (name) => {
    const isFifo = name.endsWith('.fifo')
    const place = async (run: number) => {
      const { QueueUrl: queueUrl = '' } = await sqs.send(
        new CreateQueueCommand({ QueueName: `${run}-${name}`, ...(isFifo && { Attributes: { FifoQueue: 'true' } }) }),
      )
      return {
        sink: (gate: Gate) => sqsSink({ queueUrl, client: gated(sqs, gate) }),
        read: async () => (await received(sqs, queueUrl, 1000)).map(foundIn),
      }
    }
    expectMeasured(isFifo ? 'sqsSink, FIFO' : 'sqsSink', await checkSink(place, { modes: ['rows', 'update'] }))
  })

  test('a queue of the bus has it, too', async () => {
    await events.send(new CreateEventBusCommand({ Name: 'killed' }))
    const place = async (run: number) => {
      const name = `bus-${run}`
      const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
      const EventPattern = JSON.stringify({ source: [name] })
      await events.send(new PutRuleCommand({ Name: name, EventBusName: 'killed', EventPattern }))
      const Arn = `arn:aws:sqs:us-east-1:123456789012:${name}`
      await events.send(new PutTargetsCommand({ Rule: name, EventBusName: 'killed', Targets: [{ Id: '1', Arn }] }))
      return {
        sink: (gate: Gate) => eventBridgeSink({ bus: 'killed', source: name, client: gated(events, gate) }),
        async read() {
          const bodies = (await received(sqs, queueUrl, 1000)).map(({ Body }) => JSON.parse(Body ?? ''))
          return bodies.map(({ detail: { metadata, data } }): FoundRow => ({ ...metadata, row: data }))
        },
      }
    }
    expectMeasured('eventBridgeSink', await checkSink(place, { modes: ['rows', 'update'] }))
  })
})
