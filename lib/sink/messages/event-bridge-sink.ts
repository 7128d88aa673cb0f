// `microbatch/sinks/eventbridge`: each row as an event of an EventBridge bus. It needs @aws-sdk/client-eventbridge beside it. At least
// once: an event that comes again has the same id in its detail.

import type { EventBridgeClient as BusClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import { MicrobatchError, namedMessageOf } from '../../error.ts'
import { awsPlace, type ClientOrEnvironment, type SinkEnvironment } from '../aws-place.ts'
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

export type EventBridgeSinkOptions = BusOptions & ClientOrEnvironment<EventClient>

interface BusOptions extends MessageOptions {
  /** Its name or its ARN. @default 'default' */
  readonly bus?: string
  /** The source of the events, for rules. @default 'microbatch' */
  readonly source?: string
  /** @default the name of the query */
  readonly detailType?: string
}

/** The part of an `EventBridgeClient` that is used. The SDK is an optional peer, so its own types are no part of this package's. */
export interface EventClient {
  send(command: never): Promise<unknown>
}

/**
 * Puts each row as an event whose detail is `{ "metadata": { "id", "version", "query" }, "data": { the row } }`. On a laptop: to the API of
 * AWS_ENDPOINT_URL_EVENTBRIDGE, or else as lines of `.local/events/BUS.ndjson`.
 *
 * @throws MicrobatchError SINK_FAILED from `write`, with what EventBridge said
 * @example alerts.writeStream({ sinks: [eventBridgeSink({ bus: 'shop', environment: process.env })] })
 */
export function eventBridgeSink({
  bus = 'default',
  source = 'microbatch',
  detailType,
  times,
  oversized = 'deadLetter',
  maxMessageBytes = usualMessageBytes,
  parallelism = 8,
  backoffMs = usualBackoffMs,
  client,
  environment,
}: EventBridgeSinkOptions): Sink<object> {
  const name = bus.split('/').at(-1) ?? bus
  let opened: Promise<Send> | undefined
  return {
    description: `eventbridge (${name})`,
    async write(batch, call) {
      if (batch.rows.length === 0) return
      const tooLarge = new OversizedRows({ query: batch.query, place: `the bus ${name}`, policy: oversized, call })
      const text = rowJson(batch.columns, times)
      const events = batch.rows.flatMap((emitted): Sized<PutEventsRequestEntry>[] => {
        const Detail = `{"metadata":${metadataOf(batch, emitted)},"data":${text(emitted.row)}}`
        const entry = { EventBusName: bus, Source: source, DetailType: detailType ?? batch.query, Detail }
        const bytes = Buffer.byteLength(entry.Source + entry.DetailType + Detail)
        if (bytes <= maxMessageBytes) return [{ emitted, entry, bytes }]
        tooLarge.add(emitted, bytes, maxMessageBytes)
        return []
      })
      await tooLarge.setAside()
      opened ??= client === undefined ? openPlace(name, environment) : openBus(client, {})
      const send = await opened
      await deliver(requestsOf(events, maxMessageBytes), {
        place: `the bus ${name}`,
        send: (entries) => send(entries, call),
        ...{ parallelism, backoffMs, call, tooLarge },
      })
    },
  }
}

function metadataOf(batch: SinkBatch<object>, emitted: EmittedRow<object>): string {
  const version = versionOf(batch, emitted)
  return JSON.stringify({ id: emitted.id, ...(version === undefined ? {} : { version }), query: batch.query })
}

type Send = (entries: readonly PutEventsRequestEntry[], call: SinkCall | undefined) => Promise<readonly Refused[]>

async function openPlace(name: string, environment: SinkEnvironment): Promise<Send> {
  const place = awsPlace('EVENTBRIDGE', environment)
  if (place.kind === 'aws') return openBus(undefined, {})
  if (place.kind === 'endpoint') return openBus(undefined, place.configuration)
  return async (entries) => {
    await appendToLaptop('events', name, entries)
    return []
  }
}

async function openBus(given: EventClient | undefined, configuration: object): Promise<Send> {
  const { EventBridgeClient, PutEventsCommand } = await import('./event-bridge-api.ts')
  // Whoever gives a client gives the SDK's.
  const client =
    given === undefined ? new EventBridgeClient({ ...configuration, requestHandler }) : (given as BusClient)
  return async (entries, call) => {
    try {
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...entries] }), inTime(call))
      return Entries.flatMap(({ ErrorCode, ErrorMessage = '' }, at) =>
        ErrorCode === undefined ? [] : [{ at, code: ErrorCode, message: ErrorMessage }],
      )
    } catch (cause) {
      throw new MicrobatchError('SINK_FAILED', `EventBridge did not answer. ${namedMessageOf(cause)}`, { cause })
    }
  }
}
