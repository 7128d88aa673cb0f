// Payloads of the last batches, to be looked at and replayed: bounded by bytes, and copied at a bounded rate, so that a mapping at full
// speed gives up a few percent at most. What is not kept says why.

import type { InvokePayload } from '../../invoke/invoker.ts'
import type { LetterRecord } from './state.ts'

export interface PayloadLimits {
  readonly maxBytes: number
  /** Copied at once, after a pause; the largest payload has to fit. */
  readonly burstBytes: number
  readonly maxBytesPerSecond: number
}

const usualLimits: PayloadLimits = { maxBytes: 32_000_000, burstBytes: 8_000_000, maxBytesPerSecond: 2_000_000 }

interface Kept {
  readonly bytes: Buffer
  readonly recordCount: number
}

export interface PayloadStore {
  /** @returns true where it is kept, else why it is not, in a sentence */
  readonly keep: (batch: number, payload: InvokePayload, expectedBytes: number, nowMs: number) => true | string
  readonly get: (batch: number) => Kept | undefined
  /** A record's key and value as they were sent. */
  readonly record: (topic: string, partition: number, offset: number) => LetterRecord | null
}

const tooFast = 'Batches come faster than their payloads are copied for this page.'

/**
 * @param dropped told of each batch whose payload is no longer kept
 * @example const payloads = payloadStore((batch) => …); payloads.keep(7, event.payload, event.payloadBytes, Date.now())
 */
export function payloadStore(dropped: (batch: number) => void, limits: PayloadLimits = usualLimits): PayloadStore {
  const kept = new Map<number, Kept>()
  let bytes = 0
  let allowance = limits.burstBytes
  let lastMs = 0

  function makeRoom(): void {
    for (const [batch, { bytes: given }] of kept) {
      if (bytes <= limits.maxBytes) return
      kept.delete(batch)
      bytes -= given.length
      dropped(batch)
    }
  }

  return {
    keep: (batch, payload, expectedBytes, nowMs) => {
      const elapsedMs = Math.max(0, nowMs - lastMs)
      allowance = Math.min(limits.burstBytes, allowance + (elapsedMs / 1000) * limits.maxBytesPerSecond)
      lastMs = nowMs
      if (expectedBytes > allowance) return tooFast
      const copy = payload.bytes
      allowance -= copy.length
      kept.set(batch, { bytes: copy, recordCount: payload.recordCount })
      bytes += copy.length
      makeRoom()
      return true
    },
    get: (batch) => kept.get(batch),
    record: (topic, partition, offset) => {
      const head = `{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":${offset},`
      for (const { bytes: given } of [...kept.values()].toReversed()) {
        const at = given.indexOf(head)
        if (at !== -1) return letterRecord(given, at)
      }
      return null
    },
  }
}

/** A longer key or value is cut. */
const maxFieldBytes = 65_536

function letterRecord(payload: Buffer, at: number): LetterRecord | null {
  const end = endOfObject(payload, at)
  if (end === -1) return null
  const { key, value, timestamp } = JSON.parse(payload.toString('utf8', at, end))
  const [shownKey, shownValue] = [cut(key), cut(value)]
  return {
    key: shownKey.base64,
    value: shownValue.base64,
    cutBytes: shownKey.cutBytes + shownValue.cutBytes,
    timestamp: typeof timestamp === 'number' ? timestamp : null,
  }
}

function cut(base64: unknown): { readonly base64: string | null; readonly cutBytes: number } {
  if (typeof base64 !== 'string') return { base64: null, cutBytes: 0 }
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length <= maxFieldBytes) return { base64, cutBytes: 0 }
  return { base64: bytes.toString('base64', 0, maxFieldBytes), cutBytes: bytes.length - maxFieldBytes }
}

const [quote, backslash, open, close] = [0x22, 0x5c, 0x7b, 0x7d]

/** One past the closing brace of the object that begins at `from`; -1 where it does not end. */
function endOfObject(json: Buffer, from: number): number {
  let depth = 0
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at]
    if (byte === quote) {
      for (at += 1; at < json.length && json[at] !== quote; at += 1) if (json[at] === backslash) at += 1
    } else if (byte === open) depth += 1
    else if (byte === close) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return -1
}
