// Discarded records in a topic of the same cluster, each a message of its own under its old key (developer guide, "Using a
// Kafka topic as an on-failure destination"). The topic has to exist; it is not made here, as AWS does not make it.

import type { Producer } from 'kafkajs'
import { guardedSocketFactory } from '../../safety.ts'
import { Kafka, logLevel, Partitioners } from '../kafkajs.ts'
import type { Destination, DestinationOptions } from './destination.ts'
import { failureMessage } from './failure-record.ts'

/** @example const destination = kafkaDestination('failed', { brokers: ['localhost:9092'], allowed, log }) */
export function kafkaDestination(
  topic: string,
  options: Pick<DestinationOptions, 'brokers' | 'allowed' | 'security' | 'log'>,
): Destination {
  let connected: Promise<Producer> | undefined

  const connect = async (): Promise<Producer> => {
    const client = new Kafka({
      clientId: 'microbatch-on-failure',
      brokers: [...options.brokers],
      ...options.security,
      connectionTimeout: 3_000,
      // All five are given: kafkajs has other defaults where NODE_ENV is `test`.
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 4 },
      socketFactory: guardedSocketFactory(options.allowed, (error) => options.log.warning(error.message)),
      logLevel: logLevel.NOTHING,
    })
    const producer = client.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    })
    await producer.connect()
    return producer
  }

  const disconnect = async (): Promise<void> => {
    const last = connected
    connected = undefined
    // A client that never connected, or lost its connection, has nothing to say goodbye to.
    await last?.then((producer) => producer.disconnect()).catch(() => undefined)
  }

  return {
    name: `the topic ${topic}`,
    send: async (discarded) => {
      connected ??= connect()
      try {
        const producer = await connected
        await producer.send({
          topic,
          acks: -1,
          messages: discarded.rows.map((row) => ({
            key: row.key,
            value: JSON.stringify(failureMessage(discarded, row)),
          })),
        })
      } catch (error) {
        await disconnect()
        throw error
      }
    },
    close: disconnect,
  }
}
