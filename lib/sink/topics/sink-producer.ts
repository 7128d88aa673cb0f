// The producer of a sink. It is idempotent: what a lost answer makes it send twice is stored once. It tries as long as the sink may, and
// does not wait for answers that may never come.

import { randomUUID } from 'node:crypto'
import { Kafka, type KafkaConfig, logLevel, Partitioners, type Producer } from 'kafkajs'

export type SinkConnection = Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl' | 'socketFactory'>

/** @throws what kafkajs rejects with, or where there was no answer in time */
export async function connect(
  connection: SinkConnection | (() => Promise<SinkConnection>),
  transactional: boolean | { readonly id: string },
  timeoutMs: number,
): Promise<Producer> {
  const kafka = new Kafka({
    ...(typeof connection === 'function' ? await connection() : connection),
    clientId: 'microbatch-sink',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: timeoutMs,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: Math.ceil(timeoutMs / 1000) },
  })
  const producer = kafka.producer({
    idempotent: true,
    // An answer for each request before the next: with more of them kafkajs would store some out of their order.
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    ...(transactional === false
      ? {}
      : {
          // One for each container, unless it is told: a name that several share ends the transactions of the others.
          transactionalId: transactional === true ? `microbatch-${randomUUID()}` : transactional.id,
          transactionTimeout: Math.max(10_000, timeoutMs),
        }),
  })
  try {
    await within(timeoutMs, producer.connect())
  } catch (error) {
    await disconnect(producer)
    throw error
  }
  return producer
}

/** kafkajs waits for answers that may never come before it closes its sockets. */
export const disconnect = (producer: Producer): Promise<void> =>
  within(1000, producer.disconnect()).catch(() => undefined)

/** @throws Error where the work is not done in time */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    // What comes of it after the time is over is nobody's.
    work.catch(() => undefined)
  }
}
