// Dead letters as messages of an SQS queue: the durable form on AWS, where the file system ends with the container. Promises
// that every letter is in the queue when `send` resolves; it may be there twice, under one id. A record that is too long for a
// message is cut (dead-letter-json.ts), never refused, since a batch that cannot set it aside would come again for ever.

import { setTimeout as sleep } from 'node:timers/promises'
import type { BatchResultErrorEntry, SendMessageBatchRequestEntry, SQSClient as SqsClient } from '@aws-sdk/client-sqs'
import { MicrobatchError, namedMessageOf } from '../error.ts'
import type { DeadLetter, DeadLetterSink } from './dead-letter.ts'
import { boundedDeadLetterJson } from './dead-letter-json.ts'

export interface QueueDeadLettersOptions {
  readonly queueUrl: string
  /**
   * An `SQSClient` of `@aws-sdk/client-sqs`, version 3.
   * @default one of its own, configured by the environment as every AWS client (AWS_REGION, AWS_ENDPOINT_URL…)
   */
  readonly client?: QueueClient
  /** What the client of its own is given before what the environment says. */
  readonly configuration?: QueueConfiguration
  /** Before a try after the first, in milliseconds. @default 100, then twice as long each time */
  readonly backoffMs?: (attempt: number) => number
}

/** Parts of an `SQSClientConfig`. */
export interface QueueConfiguration {
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** The part of the client that is used. The SDK is an optional peer, so its own types are no part of this package's. */
export interface QueueClient {
  send(command: never): Promise<unknown>
}

/** API SendMessageBatch: at most 10 messages. */
const maxBatchMessages = 10

/**
 * The limit of a message, and of all messages of a batch together. SQS takes 1 MiB since August 2025; 256 KiB is what it took
 * before, and what queues and emulators set up before still take, so within it nothing is refused.
 */
export const maxBatchBytes = 256 * 1024

/** Tries of a batch, beside the client's own for calls that fail as a whole. */
const maxAttempts = 4
const requestTimeoutMs = 3000
const connectionTimeoutMs = 1000

type Entry = SendMessageBatchRequestEntry & { readonly Id: string; readonly MessageBody: string }

/**
 * Sends each dead letter as a message of JSON, with the reason as an attribute, to filter by.
 *
 * @throws MicrobatchError SINK_FAILED from `send`, naming what the queue said, when a letter was refused or lost four times
 * @example kafkaHandler(tapeQuery, { deadLetters: queueDeadLetters({ queueUrl }) })
 */
export function queueDeadLetters({
  queueUrl,
  client: given,
  configuration = {},
  backoffMs = (attempt) => 100 * 2 ** attempt,
}: QueueDeadLettersOptions): DeadLetterSink {
  let opened: Promise<Queue> | undefined
  return {
    async send(letters) {
      if (letters.length === 0) return
      opened ??= openQueue(queueUrl, given, configuration)
      const queue = await opened
      for (const batch of batches(letters.map(entryOf))) await sendAll(queue, batch, backoffMs)
    },
  }
}

/** Sends entries and gives those that the queue did not take. */
type Queue = (entries: readonly Entry[]) => Promise<readonly BatchResultErrorEntry[]>

async function openQueue(
  queueUrl: string,
  given: QueueClient | undefined,
  configuration: QueueConfiguration,
): Promise<Queue> {
  const { SendMessageBatchCommand, SQSClient } = await import('./sqs-api.ts')
  const requestHandler = { requestTimeout: requestTimeoutMs, connectionTimeout: connectionTimeoutMs }
  // Whoever gives a client gives the SDK's.
  const client = given === undefined ? new SQSClient({ ...configuration, requestHandler }) : (given as SqsClient)
  return async (entries) => {
    try {
      const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...entries] }))
      return answer.Failed ?? []
    } catch (cause) {
      const problem = `dead letters: the queue ${queueUrl} did not answer. ${namedMessageOf(cause)}`
      throw new MicrobatchError('SINK_FAILED', problem, { cause })
    }
  }
}

async function sendAll(queue: Queue, batch: readonly Entry[], backoffMs: (attempt: number) => number): Promise<void> {
  let pending = batch
  for (let attempt = 0; ; attempt += 1) {
    const refused = new Map((await queue(pending)).map((entry) => [entry.Id, entry]))
    pending = pending.filter(({ Id }) => refused.has(Id))
    if (pending.length === 0) return
    if (attempt + 1 === maxAttempts) {
      const said = new Set(Array.from(refused.values(), ({ Code, Message }) => `${Code}: ${Message ?? ''}`.trim()))
      const problem = `dead letters: the queue did not take ${pending.length} of ${batch.length} in ${maxAttempts} tries.`
      throw new MicrobatchError('SINK_FAILED', `${problem} It says: ${[...said].join('; ')}`)
    }
    await sleep(backoffMs(attempt))
  }
}

const entryOf = (letter: DeadLetter, index: number): Entry => ({
  Id: String(index),
  MessageBody: boundedDeadLetterJson(letter, maxBatchBytes - attributeBytes),
  MessageAttributes: {
    reason: { DataType: 'String', StringValue: letter.reason },
  },
})

/** Name, type and value of an attribute count against the limit (API SendMessage). */
const attributeBytes = 128

/** The entries in batches of at most ten messages and `maxBatchBytes` each, in order. */
function batches(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const all: Entry[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    const entryBytes = Buffer.byteLength(entry.MessageBody) + attributeBytes
    const last = all.at(-1)
    if (last === undefined || last.length === maxBatchMessages || bytes + entryBytes > maxBatchBytes) {
      all.push([entry])
      bytes = entryBytes
    } else {
      last.push(entry)
      bytes += entryBytes
    }
  }
  return all
}
