// Records into a topic, in their order: those that are there together in one request, or so many a second.
import { setTimeout as delay } from 'node:timers/promises'
import type { Message, Producer } from 'kafkajs'

export interface RecordSenderOptions {
  readonly producer: Producer
  readonly topic: string
  /** Records a second; undefined: as fast as they come. */
  readonly ratePerSecond: number | undefined
  /** Told how many the brokers have taken, request by request. */
  readonly onSent: (count: number) => void
  /** Ends it between two requests. */
  readonly signal: AbortSignal
}

/** A request stays under the 1 MB that a broker takes, unless one record is greater by itself. */
const maxRequestBytes = 500_000
/** With a rate: how often what is due is sent. */
const tickMs = 20
/** After a pause of its source a rate is kept again; what the pause has missed is not caught up with. */
const longestLagMs = 1_000

/**
 * Sends until there are no more, or the signal is aborted: the request in flight then is waited for.
 * @throws what kafkajs throws for a request that the brokers refuse
 * @example await sendRecords(batches, { producer, topic: 'orders', ratePerSecond: 10, onSent, signal })
 */
export async function sendRecords(
  batches: AsyncIterable<readonly Message[]>,
  { producer, topic, ratePerSecond, onSent, signal }: RecordSenderOptions,
): Promise<void> {
  const send = async (messages: Message[]) => {
    await producer.send({ topic, acks: -1, messages })
    onSent(messages.length)
  }
  const due = ratePerSecond === undefined ? undefined : pacer(1000 / ratePerSecond)
  for await (const batch of batches) {
    for (const request of requestsOf(batch)) {
      for (let from = 0; from < request.length && !signal.aborted; ) {
        const count = due === undefined ? request.length : due()
        if (count === 0) await delay(tickMs, undefined, { signal }).catch(() => {})
        else {
          await send(request.slice(from, from + count))
          from += count
        }
      }
    }
    if (signal.aborted) return
  }
}

/** @returns how many are due now; they are taken for sent */
function pacer(intervalMs: number): () => number {
  let nextAtMs = performance.now()
  return () => {
    const nowMs = performance.now()
    if (nowMs - nextAtMs > Math.max(longestLagMs, intervalMs)) nextAtMs = nowMs
    if (nowMs < nextAtMs) return 0
    const count = Math.floor((nowMs - nextAtMs) / intervalMs) + 1
    nextAtMs += count * intervalMs
    return count
  }
}

function requestsOf(messages: readonly Message[]): readonly Message[][] {
  const requests: Message[][] = []
  let bytes = maxRequestBytes
  for (const message of messages) {
    const size = Buffer.byteLength(message.value ?? '')
    if (bytes + size > maxRequestBytes) {
      requests.push([])
      bytes = 0
    }
    bytes += size
    requests.at(-1)?.push(message)
  }
  return requests
}
