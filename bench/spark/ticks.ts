// A topic full of ticks: a millisecond of event time apart, so many symbols in turn, each in the partition of its key.

import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs'

export interface TopicOfTicks {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly records: number
  readonly symbols: number
  readonly partitions: number
}

const beganMs = Date.parse('2026-01-05T14:30:00Z')
const recordsOfRequest = 20_000

/** @param onProgress records sent so far */
export async function loadTicks(
  { brokers, topic, records, symbols, partitions }: TopicOfTicks,
  onProgress: (sent: number) => void,
): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [{ topic, numPartitions: partitions, configEntries: [{ name: 'retention.ms', value: '-1' }] }],
  })
  await admin.disconnect()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  for (let sent = 0; sent < records; sent += recordsOfRequest) {
    const messages = Array.from({ length: Math.min(recordsOfRequest, records - sent) }, (_, index) =>
      tick(sent + index, symbols),
    )
    await producer.send({ topic, messages, compression: CompressionTypes.None })
    onProgress(sent + messages.length)
  }
  await producer.disconnect()
}

/** A stride that shares no factor with the number of symbols would be needed to visit all; a prime that divides none does. */
const stride = 7919

function tick(index: number, symbols: number) {
  const symbol = `SYM${String((index * stride) % symbols).padStart(3, '0')}`
  const price = (100 + (index % 1000) / 4).toFixed(2)
  const value = `{"symbol":"${symbol}","price":${price},"volume":${1 + (index % 5000)},"timestamp":${beganMs + index}}`
  return { key: symbol, value }
}
