// Messages in requests of ten, as AWS's queues and buses take them. A request may succeed in part: what was refused is sent again, a few
// times, and then the batch of rows fails.

import { setTimeout as sleep } from 'node:timers/promises'
import { MicrobatchError } from '../../error.ts'
import { inParallel } from '../../state/parallel.ts'
import type { Oversized, OversizedRows } from '../oversized.ts'
import type { TimeForm } from '../rows/row-json.ts'
import type { EmittedRow, SinkCall } from '../sink.ts'
import { isThrottle, maxWaitMs, patienceMs, patiently, timeLeft } from '../sink-time.ts'

/** What the sinks of messages take alike. */
export interface MessageOptions {
  /** @default 'millis' */
  readonly times?: TimeForm
  /** What becomes of a row whose message has more than `maxMessageBytes`. @default 'deadLetter' */
  readonly oversized?: Oversized
  /** What one message, and one request, may have: at most 1 MiB. @default 262144 */
  readonly maxMessageBytes?: number
  /** Requests that are under way at a time; to a FIFO queue there is one. @default 8 */
  readonly parallelism?: number
  /** Milliseconds before a try after the first. @default 100, then twice as long each time */
  readonly backoffMs?: (attempt: number) => number
}

/** How long an SDK's client waits for a service. */
export const requestHandler = { requestTimeout: 3000, throwOnRequestTimeout: true, connectionTimeout: 1000 }

/** One message, and its bytes as the service counts them. */
export interface Sized<Entry> {
  readonly emitted: EmittedRow<object>
  readonly entry: Entry
  readonly bytes: number
}

/** API SendMessageBatch and PutEvents: ten entries. */
const maxEntries = 10

/**
 * What SQS and EventBridge take of one message, and of one request, where the sink is not told otherwise. SQS takes 1,048,576 bytes (API
 * SendMessageBatch), a queue as much as its attribute MaximumMessageSize says; EventBridge less than 1 MB (API PutEvents). 256 KiB is
 * what both took before 2025, and what queues, targets and emulators set up before still take.
 */
export const usualMessageBytes = 256 * 1024

/** In their order. */
export function requestsOf<Entry>(
  messages: readonly Sized<Entry>[],
  maxMessageBytes: number,
): readonly (readonly Sized<Entry>[])[] {
  const all: Sized<Entry>[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const message of messages) {
    const last = all.at(-1)
    if (last === undefined || last.length === maxEntries || bytes + message.bytes > maxMessageBytes) {
      all.push([message])
      bytes = message.bytes
    } else {
      last.push(message)
      bytes += message.bytes
    }
  }
  return all
}

export interface Delivery<Entry> {
  /** For messages: `the queue https://…`. */
  readonly place: string
  /** @returns of each entry that was refused its position and what was said */
  send(entries: readonly Entry[]): Promise<readonly Refused[]>
  /** Requests that are under way at a time. */
  readonly parallelism: number
  /** Milliseconds before a try after the first. */
  readonly backoffMs: (attempt: number) => number
  readonly call: SinkCall | undefined
  /** What the service itself finds too large, as a queue with a lower limit does. */
  readonly tooLarge: OversizedRows
}

export interface Refused {
  readonly at: number
  readonly code: string
  readonly message: string
}

/** Tries of what was refused for another reason than that it came too fast. */
const maxAttempts = 5

/**
 * @throws MicrobatchError SINK_FAILED where some were refused in each try, or were still when the invocation was near its end
 */
export async function deliver<Entry>(
  requests: readonly (readonly Sized<Entry>[])[],
  { place, send, parallelism, backoffMs, call, tooLarge }: Delivery<Entry>,
): Promise<void> {
  const startedMs = performance.now()
  await inParallel(requests, parallelism, async (request) => {
    let pending = request
    for (let attempt = 0; ; attempt += 1) {
      const sent = pending
      const said = await patiently(call, backoffMs, () => send(sent.map(({ entry }) => entry)))
      const refused = said.filter(({ at, message }) => !isSetAside(sent[at], message, tooLarge))
      if (refused.length === 0) return
      const pauseMs = Math.min(maxWaitMs, backoffMs(attempt))
      const isOver = timeLeft(call, patienceMs - (performance.now() - startedMs)) <= pauseMs
      const isThrottled = refused.every(({ code }) => isThrottle(code))
      if (isOver || (!isThrottled && attempt + 1 >= maxAttempts)) {
        const words = [...new Set(refused.map(({ code, message }) => `${code}: ${message}`.trim()))].join('; ')
        const when = isOver && attempt + 1 < maxAttempts ? ', and the time for the batch is over' : ''
        const problem = `${place} did not take ${refused.length} of ${request.length} rows in ${attempt + 1} tries${when}.`
        throw new MicrobatchError('SINK_FAILED', `${problem} It says: ${words}`)
      }
      pending = refused.flatMap(({ at }) => sent[at] ?? [])
      await sleep(pauseMs)
    }
  })
  await tooLarge.setAside()
}

/** SQS's word for a message that is longer than the queue's MaximumMessageSize. */
const shorter = /must be shorter than (\d+) bytes/

function isSetAside(sized: Sized<unknown> | undefined, message: string, tooLarge: OversizedRows): boolean {
  const [, limit] = shorter.exec(message) ?? []
  if (limit === undefined || sized === undefined) return false
  tooLarge.add(sized.emitted, sized.bytes, Number(limit))
  return true
}

export const usualBackoffMs = (attempt: number): number => 100 * 2 ** attempt
