// `microbatch/sinks/sqs`: each row as a message of an SQS queue. It needs @aws-sdk/client-sqs beside it. At least once, under one id; a
// FIFO queue drops what comes again within five minutes.

import { createHash } from 'node:crypto'
import type { SendMessageBatchRequestEntry, SQSClient as SqsClient } from '@aws-sdk/client-sqs'
import { MicrobatchError, namedMessageOf } from '../../error.ts'
import { parseAllowedHosts } from '../../hosts.ts'
import { awsPlace, type ClientOrEnvironment, laptopEndpoint, type SinkEnvironment } from '../aws-place.ts'
import { OversizedRows } from '../oversized.ts'
import { rowJson } from '../rows/row-json.ts'
import type { EmittedRow, Sink, SinkBatch, SinkCall } from '../sink.ts'
import { inTime } from '../sink-time.ts'
import { versionOf } from '../version-of.ts'
import { appendToLaptop } from './laptop-file.ts'
import {
  deliver,
  type MessageOptions,
  type Refused,
  requestHandler,
  requestsOf,
  type Sized,
  usualBackoffMs,
  usualMessageBytes,
} from './message-batches.ts'

export type { SinkEnvironment } from '../aws-place.ts'

export type SqsSinkOptions<Row> = QueueOptions<Row> & ClientOrEnvironment<MessageClient>

interface QueueOptions<Row> extends MessageOptions {
  readonly queueUrl: string
  /** The group of a message in a FIFO queue: its messages stay in their order. @default the id of the row */
  readonly group?: (row: Row) => string
}

/** The part of an `SQSClient` that is used. The SDK is an optional peer, so its own types are no part of this package's. */
export interface MessageClient {
  send(command: never): Promise<unknown>
}

type Entry = SendMessageBatchRequestEntry & { readonly Id: string; readonly MessageBody: string }

/**
 * Sends each row as a message of JSON, with `id`, `version` where it has one, and `query` as attributes. On a laptop: to a queue whose
 * URL is of this machine, or else as lines of `.local/sqs/QUEUE.ndjson`.
 *
 * @throws MicrobatchError SINK_FAILED from `write`, with what the queue said
 * @example alerts.writeStream({ sinks: [sqsSink({ queueUrl: process.env.ALERTS_URL ?? '', environment: process.env })] })
 */
export function sqsSink<Row extends object>({
  queueUrl,
  group,
  times,
  oversized = 'deadLetter',
  maxMessageBytes = usualMessageBytes,
  parallelism = 8,
  backoffMs = usualBackoffMs,
  client,
  environment,
}: SqsSinkOptions<Row>): Sink<Row> {
  const name = queueUrl.split('/').at(-1) ?? ''
  const isFifo = name.endsWith('.fifo')
  let opened: Promise<Send> | undefined
  return {
    description: `sqs (${name})`,
    async write(batch, call) {
      if (batch.rows.length === 0) return
      const tooLarge = new OversizedRows({ query: batch.query, place: `the queue ${name}`, policy: oversized, call })
      const text = rowJson(batch.columns, times)
      const messages = batch.rows.flatMap((emitted, i): Sized<Entry>[] => {
        const entry = entryOf(batch, emitted, { text, isFifo, group })
        const bytes = Buffer.byteLength(entry.MessageBody) + attributeBytes(entry)
        if (bytes <= maxMessageBytes) return [{ emitted, entry: { ...entry, Id: String(i) }, bytes }]
        tooLarge.add(emitted, bytes, maxMessageBytes)
        return []
      })
      await tooLarge.setAside()
      opened ??= client === undefined ? openPlace(queueUrl, name, environment) : openQueue(queueUrl, client, {})
      const place = `the queue ${queueUrl}`
      // In a FIFO queue a later request would overtake an earlier one.
      const limits = { parallelism: isFifo ? 1 : parallelism, backoffMs, call, tooLarge }
      const send = await opened
      await deliver(requestsOf(messages, maxMessageBytes), { place, send: (entries) => send(entries, call), ...limits })
    },
  }
}

type Send = (entries: readonly Entry[], call: SinkCall | undefined) => Promise<readonly Refused[]>

async function openPlace(queueUrl: string, name: string, environment: SinkEnvironment): Promise<Send> {
  const place = awsPlace('SQS', environment)
  if (place.kind === 'aws') return openQueue(queueUrl, undefined, {})
  if (place.kind === 'endpoint') return openQueue(queueUrl, undefined, place.configuration)
  const { origin, hostname } = new URL(queueUrl)
  const allowed = parseAllowedHosts(environment.ALLOW_REMOTE ?? '')
  if (/(^|\.)amazonaws\.com(\.cn)?$/.test(hostname) && !allowed.has(hostname)) {
    return async (entries) => {
      await appendToLaptop('sqs', name, entries)
      return []
    }
  }
  return openQueue(queueUrl, undefined, laptopEndpoint(origin, 'the queue', allowed))
}

async function openQueue(queueUrl: string, given: MessageClient | undefined, configuration: object): Promise<Send> {
  const { SendMessageBatchCommand, SQSClient } = await import('../sqs-api.ts')
  // Whoever gives a client gives the SDK's.
  const client = given === undefined ? new SQSClient({ ...configuration, requestHandler }) : (given as SqsClient)
  return async (entries, call) => {
    try {
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...entries] }),
        inTime(call),
      )
      return Failed.map(({ Id, Code, Message = '' }) => ({
        at: entries.findIndex((entry) => entry.Id === Id),
        code: Code ?? '',
        message: Message,
      }))
    } catch (cause) {
      const problem = `the queue ${queueUrl} did not answer. ${namedMessageOf(cause)}`
      throw new MicrobatchError('SINK_FAILED', problem, { cause })
    }
  }
}

function entryOf<Row extends object>(
  batch: SinkBatch<Row>,
  emitted: EmittedRow<Row>,
  {
    text,
    isFifo,
    group,
  }: { text: (row: object) => string; isFifo: boolean; group: ((row: Row) => string) | undefined },
): Entry {
  const { id, row } = emitted
  const version = versionOf(batch, emitted)
  const string = (value: string) => ({ DataType: 'String', StringValue: printable(value) })
  return {
    Id: '0',
    MessageBody: printable(text(row)),
    MessageAttributes: {
      id: string(id),
      query: string(batch.query),
      ...(version === undefined ? {} : { version: { DataType: 'Number', StringValue: String(version) } }),
    },
    ...(isFifo
      ? {
          // Both take 128 characters of a small alphabet.
          MessageGroupId: group === undefined ? digest(id) : digest(group(row)),
          MessageDeduplicationId: digest(`${version ?? ''} ${id}`),
        }
      : {}),
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Valid in JSON and not in the XML characters that SQS takes (API reference, SendMessage). JSON has escaped all others. */
const printable = (text: string): string =>
  text.replace(
    /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const attributeBytes = ({ MessageAttributes = {} }: Entry): number =>
  Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType = '', StringValue = '' }]) => sum + Buffer.byteLength(name + DataType + StringValue),
    0,
  )
