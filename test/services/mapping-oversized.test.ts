import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs'
import { expect, inject, test } from 'vitest'
import { maxExpandedBatchBytes } from '../../mapping/settings/limits.ts'
import { onKafka, recordsOf, started, until } from './a-mapping.ts'

const kafka = onKafka()

test('a batch of some kilobytes that expands to more than memory shall take is told, and passed', async () => {
  const { topic, send, commits } = kafka()
  const given = await topic()
  const client = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING })
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const bomb = { value: Buffer.alloc(maxExpandedBatchBytes + 1) }
  await producer.send({ topic: given, compression: CompressionTypes.GZIP, messages: [bomb] })
  await producer.disconnect()
  await send(given, [{ value: 'behind it' }])
  const { log, groupId, events } = started(given, () => undefined)
  await until(async () => expect(await commits(groupId, given)).toEqual({ 0: 2 }))
  expect(recordsOf(events).map(({ offset }) => offset)).toEqual([1])
  expect(log.lines.filter((line) => line.startsWith('error: '))).toEqual([
    expect.stringContaining(`${given}-0 offsets 0 to 0: a compressed batch of 1 records expands to more than`),
    expect.stringContaining('dropped (MaximumPayloadSizeExceeded)'),
  ])
})
