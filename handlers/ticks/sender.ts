// The port by which ticks leave the producer, and its Kafka implementation. Keyed by symbol, so the ticks of one symbol
// share a partition and keep their order.

import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import type { KafkaConnection } from 'microbatch/kafka'
import type { Tick } from './tick.ts'

export interface TickSender {
  /** Resolves when the brokers have the ticks on disk; waits as long as it takes. */
  send(ticks: readonly Tick[]): Promise<void>
}

/**
 * Sends to a Kafka topic with an idempotent producer: a batch that is retried after a lost answer is stored once.
 * The connection is made on the first send and kept for the life of the container.
 *
 * @param connection asked for once, or again where it could not be had
 * @example kafkaSender(async () => ({ brokers: ['localhost:9092'] }), 'stock-ticks')
 */
export function kafkaSender(connection: () => Promise<KafkaConnection>, topic: string): TickSender {
  let connected: Promise<Producer> | undefined
  return {
    async send(ticks) {
      connected ??= connect(connection).catch((error: unknown) => {
        connected = undefined
        throw error
      })
      const producer = await connected
      await producer.send({
        topic,
        acks: -1,
        messages: ticks.map((tick) => ({ key: tick.symbol, value: JSON.stringify(tick) })),
      })
    },
  }
}

async function connect(connection: () => Promise<KafkaConnection>): Promise<Producer> {
  const kafka = new Kafka({
    ...(await connection()),
    clientId: 'microbatch-producer',
    logLevel: logLevel.NOTHING,
    // kafkajs's own second is short for a TLS handshake on the seventh of a CPU that 256 MB give.
    connectionTimeout: 3000,
    // The handler decides when to give up, so that a batch in flight keeps its sequence number while Kafka is away.
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER },
  })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  return producer
}
