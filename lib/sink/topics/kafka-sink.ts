// Rows to a topic of Kafka. Every row of a batch is on the brokers' disks when `write` resolves; a batch that comes again sends its rows
// again, under the same keys and ids. The producer is idempotent: what a lost answer makes it send twice is stored once.

import { randomUUID } from 'node:crypto'
import { Kafka, type KafkaConfig, logLevel, Partitioners, type Producer } from 'kafkajs'
import { MicrobatchError, namedMessageOf } from '../../error.ts'
import { type Oversized, OversizedRows } from '../oversized.ts'
import { jsonValue, type RowEncoder } from '../rows/row-encoder.ts'
import type { Sink } from '../sink.ts'
import { type Message, type MessageKey, messagesOf, requests } from './kafka-messages.ts'

export interface KafkaSinkOptions<Row> {
  readonly topic: string
  /** What kafkajs is given to reach Kafka, or a function that gives it, such as one that calls `kafkaConnection` of `microbatch/kafka`. */
  readonly connection: SinkConnection | (() => Promise<SinkConnection>)
  /** `'id'`: a compacted topic keeps the newest row of each id. @default 'id' */
  readonly key?: MessageKey<Row>
  /** `jsonValue()`, or `avroValue` and `protobufValue` of `microbatch/sinks/avro` and `/protobuf`. @default jsonValue() */
  readonly value?: RowEncoder
  /** Headers beside `id` and `version`. */
  readonly headers?: (row: Row) => Readonly<Record<string, string | Buffer>>
  /**
   * Each batch in one transaction: readers that read committed records see all of its rows or none. A batch that comes again after its
   * commit is there twice, as without.
   *
   * With an `id`, a transactional id of Kafka's, the producer of a new container ends the transaction that another of this id has open,
   * and an attempt that was given up and wakes up is fenced: it writes nothing any more. Two containers that are meant to write at a
   * time must not have one id, so it is for a query whose batches run one after the other: a topic of one partition, or one container.
   * @default false
   */
  readonly transactional?: boolean | { readonly id: string }
  /** What the topic takes of one message and of one request, in bytes: a little less than its `max.message.bytes`. @default 950000 */
  readonly maxMessageBytes?: number
  /** What becomes of a row that is larger than that. @default 'fail' */
  readonly oversized?: Oversized
  /** How long `write` tries, in milliseconds; then the batch fails and comes again. @default 20000 */
  readonly timeoutMs?: number
}

export type SinkConnection = Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl' | 'socketFactory'>

/**
 * Sends each row as a message with its id, and where it has one its version, as headers.
 *
 * @throws MicrobatchError SINK_FAILED from `write`, where Kafka did not take the rows in time, or a row is too large
 * @example
 * const connection = () => kafkaConnection(producerFromEnvironment(process.env).kafka, process.env)
 * bars.writeStream({ outputMode: 'update', sinks: [kafkaSink({ topic: 'bars', connection })] })
 */
export function kafkaSink<Row extends object>({
  topic,
  connection,
  key = 'id',
  value = jsonValue(),
  headers: extra,
  transactional = false,
  maxMessageBytes = 950_000,
  oversized = 'fail',
  timeoutMs = 20_000,
}: KafkaSinkOptions<Row>): Sink<Row> {
  let opened: Promise<Producer> | undefined
  const producer = (): Promise<Producer> => {
    opened ??= connect(connection, transactional, timeoutMs)
    return opened
  }
  /**
   * After a failure the next batch has a producer of its own. The sequence numbers of this one may be taken: another batch of as many
   * rows under the same number would be taken for a repeat, and not be stored.
   */
  const forget = async (): Promise<void> => {
    const failed = opened
    opened = undefined
    await failed?.then(disconnect, () => undefined)
  }
  return {
    description: `kafka (${topic})`,
    async open() {
      await producer().catch(async (cause: unknown) => {
        await forget()
        throw failure(`Kafka does not answer for the topic ${topic}`, cause)
      })
    },
    async write(batch) {
      const tooLarge = new OversizedRows(batch.query, `the topic ${topic} takes ${maxMessageBytes}`, oversized)
      const encode = await value.encoder(batch.columns)
      const messages = messagesOf(batch, { key, encode, extra, maxBytes: maxMessageBytes, oversized: tooLarge })
      await tooLarge.setAside()
      if (messages.length === 0) return
      try {
        const send = transactional !== false ? sendTogether : sendAll
        await within(timeoutMs, send(await producer(), topic, requests(messages, maxMessageBytes)))
      } catch (cause) {
        await forget()
        throw failure(`the topic ${topic} did not take ${messages.length} rows`, cause)
      }
    },
    close: forget,
  }
}

const failure = (problem: string, cause: unknown): MicrobatchError =>
  new MicrobatchError('SINK_FAILED', `${problem}. ${namedMessageOf(cause)}`, { cause })

interface Sender {
  send: Producer['send']
}

async function sendAll(sender: Sender, topic: string, all: readonly (readonly Message[])[]): Promise<void> {
  for (const messages of all) {
    await sender.send({
      topic,
      acks: -1,
      messages: messages.map((message) => ({ ...message, headers: { ...message.headers } })),
    })
  }
}

async function sendTogether(producer: Producer, topic: string, all: readonly (readonly Message[])[]): Promise<void> {
  const transaction = await producer.transaction()
  try {
    await sendAll(transaction, topic, all)
  } catch (error) {
    await transaction.abort().catch(() => undefined)
    throw error
  }
  await transaction.commit()
}

async function connect(
  connection: KafkaSinkOptions<object>['connection'],
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
const disconnect = (producer: Producer): Promise<void> => within(1000, producer.disconnect()).catch(() => undefined)

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
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
