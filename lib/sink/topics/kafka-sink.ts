// Rows to a topic of Kafka. Every row of a batch is on the brokers' disks when `write` resolves; a batch that comes again sends its rows
// again, under the same keys and ids. What the topic finds too large is found out, and set aside.

import type { Producer } from 'kafkajs'
import { MicrobatchError, namedMessageOf } from '../../error.ts'
import { type Oversized, OversizedRows } from '../oversized.ts'
import { jsonValue, type RowEncoder } from '../rows/row-encoder.ts'
import type { Sink } from '../sink.ts'
import { timeLeft } from '../sink-time.ts'
import { type Message, type MessageKey, messageBytes, messagesOf, requests } from './kafka-messages.ts'
import { connect, disconnect, type SinkConnection, within } from './sink-producer.ts'

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
  /** What becomes of a row that is larger than that, or than the topic takes. @default 'deadLetter' */
  readonly oversized?: Oversized
  /** How long `write` tries, in milliseconds, and never to the end of an invocation; then the batch fails and comes again. @default 20000 */
  readonly timeoutMs?: number
}

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
  oversized = 'deadLetter',
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
    // A connection that is still being made is closed when it is there; nobody waits for it so long.
    if (failed !== undefined) await within(1500, failed.then(disconnect)).catch(() => undefined)
  }
  return {
    description: `kafka (${topic})`,
    async open() {
      await producer().catch(async (cause: unknown) => {
        await forget()
        throw failure(`Kafka does not answer for the topic ${topic}`, cause)
      })
    },
    async write(batch, call) {
      const tooLarge = new OversizedRows({ query: batch.query, place: `the topic ${topic}`, policy: oversized, call })
      const limits = { maxBytes: maxMessageBytes, oversized: tooLarge }
      const messages = await messagesOf(batch, { topic, key, value, extra, ...limits })
      await tooLarge.setAside()
      const startedMs = performance.now()
      let left = requests(messages, maxMessageBytes)
      while (left.length > 0) {
        const sent: Sent = { requests: 0 }
        try {
          const send = transactional !== false ? sendTogether : sendAll
          const work = async () => send(await producer(), topic, left, sent)
          await within(timeLeft(call, timeoutMs - (performance.now() - startedMs)), work())
          return
        } catch (cause) {
          await forget()
          const refused = isTooLarge(cause) ? left[sent.requests] : undefined
          const problem = `the topic ${topic} did not take ${messages.length} rows`
          if (refused === undefined) throw failure(problem, cause)
          // An answered request is done, unless its transaction was given up.
          const before = transactional !== false ? left.slice(0, sent.requests) : []
          left = [...before, ...smaller(refused, tooLarge, problem), ...left.slice(sent.requests + 1)]
          await tooLarge.setAside()
        }
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

/** How many requests were answered. */
interface Sent {
  requests: number
}

async function sendAll(sender: Sender, topic: string, all: readonly (readonly Message[])[], sent: Sent): Promise<void> {
  for (const messages of all) {
    await sender.send({
      topic,
      acks: -1,
      messages: messages.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
    })
    sent.requests += 1
  }
}

async function sendTogether(
  producer: Producer,
  topic: string,
  all: readonly (readonly Message[])[],
  sent: Sent,
): Promise<void> {
  const transaction = await producer.transaction()
  try {
    await sendAll(transaction, topic, all, sent)
  } catch (error) {
    await transaction.abort().catch(() => undefined)
    throw error
  }
  await transaction.commit()
}

/** The topic has a `max.message.bytes` below what the sink was told: Kafka says so of a request, not of which message. */
function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const type: unknown = Reflect.get(error, 'type')
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE' || isTooLarge(error.cause)
}

/** The halves of a refused request; of one message none, which is set aside. */
function smaller(
  refused: readonly Message[],
  tooLarge: OversizedRows,
  problem: string,
): readonly (readonly Message[])[] {
  const [only] = refused
  if (only === undefined) return []
  if (refused.length === 1) {
    const bytes = messageBytes(only)
    const detail = `${problem}: the row ${only.emitted.id.slice(0, 200)} has ${bytes} bytes, the topic takes fewer`
    tooLarge.refuse({ emitted: only.emitted, reason: 'VALUE_TOO_LONG', detail, maxBytes: Math.floor(bytes / 2) })
    return []
  }
  const half = Math.ceil(refused.length / 2)
  return [refused.slice(0, half), refused.slice(half)]
}
