// The port by which ticks leave the producer, and its Kafka implementation. Keyed by symbol, so the ticks of one symbol
// share a partition and keep their order.

import { Kafka, logLevel, Partitioners } from 'kafkajs'
import type { Tick } from './tick.ts'

export interface TickSender {
  /** Resolves when the brokers have the ticks on disk; waits as long as it takes. */
  send(ticks: readonly Tick[]): Promise<void>
}

/**
 * Sends to a Kafka topic with an idempotent producer: a batch that is retried after a lost answer is stored once.
 * The connection is made on the first send and kept for the life of the container.
 */
export function kafkaSender(brokers: readonly string[], topic: string): TickSender {
  const kafka = new Kafka({
    clientId: 'microbatch-producer',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    // The handler decides when to give up, so that a batch in flight keeps its sequence number while Kafka is away.
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER },
  })
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  let connected: Promise<void> | undefined
  return {
    async send(ticks) {
      connected ??= producer.connect()
      await connected
      await producer.send({
        topic,
        acks: -1,
        messages: ticks.map((tick) => ({ key: tick.symbol, value: JSON.stringify(tick) })),
      })
    },
  }
}

/** Keeps what was sent, for tests. */
export function memorySender(): TickSender & { readonly ticks: readonly Tick[] } {
  const ticks: Tick[] = []
  return {
    ticks,
    async send(batch) {
      ticks.push(...batch)
    },
  }
}
