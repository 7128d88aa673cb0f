// Discarded records in a topic of the same cluster, each a message of its own under its old key (developer guide, "Using a
// Kafka topic as an on-failure destination"). The topic has to exist; it is not made here, as AWS does not make it.

import type { Message, Producer } from 'kafkajs'
import { connectionOf } from '../source/kafka-clients.ts'
import { Kafka, logLevel, Partitioners } from '../source/kafkajs.ts'
import type { Destination, DestinationOptions } from './destination.ts'
import { type Discarded, failureMessage } from './failure-record.ts'
import { UndeliveredError } from './undelivered-error.ts'

/** @example const destination = kafkaDestination('failed', { brokers: ['localhost:9092'], allowed, log }) */
export function kafkaDestination(
  topic: string,
  options: Pick<DestinationOptions, 'brokers' | 'allowed' | 'security' | 'log'>,
): Destination {
  let connected: Promise<Producer> | undefined

  const connect = async (): Promise<Producer> => {
    const client = new Kafka({
      clientId: 'microbatch-on-failure',
      ...connectionOf(options, (error) => options.log.warning(error.message)),
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
    // A client that never connected, or lost its connection, has nothing to close.
    await last?.then((producer) => producer.disconnect()).catch(() => undefined)
  }

  return {
    name: `the topic ${topic}`,
    send: async (discarded) => {
      connected ??= connect()
      let undelivered = 0
      let trouble: unknown
      try {
        const producer = await connected
        for (const messages of requestsOf(discarded)) {
          try {
            await producer.send({ topic, acks: -1, messages })
          } catch (error) {
            if (!isTooLarge(error)) throw error
            undelivered += messages.length
            trouble = error
          }
        }
      } catch (error) {
        await disconnect()
        throw error
      }
      if (undelivered > 0) throw new UndeliveredError(undelivered, trouble)
    },
    close: disconnect,
  }
}

/** Half of what a broker takes in a request on its defaults: kafkajs sends all messages of a partition as one batch. */
const maxRequestBytes = 500_000
/** Bytes of a message beside its key and value. */
const messageOverheadBytes = 100

/** In order; what is too large for a request goes alone, so that it costs no other. */
function* requestsOf(discarded: Discarded): Iterable<Message[]> {
  let messages: Message[] = []
  let bytes = 0
  for (const row of discarded.rows) {
    const value = JSON.stringify(failureMessage(discarded, row))
    const size = Buffer.byteLength(value) + (row.key?.length ?? 0) + messageOverheadBytes
    if (messages.length > 0 && bytes + size > maxRequestBytes) {
      yield messages
      messages = []
      bytes = 0
    }
    messages.push({ key: row.key, value })
    bytes += size
  }
  if (messages.length > 0) yield messages
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && (Reflect.get(error, 'type') === 'MESSAGE_TOO_LARGE' || isTooLarge(error.cause))
