// Builders for the protocol's own tests: rows given by their event times, windows of 10, delay 5, and sinks and stores that
// remember what they were asked.
import { eventTimeMs, wallTimeMs } from '../../lib/aggregate/time.ts'
import { applyBatch, type BatchOutcome } from '../../lib/state/protocol/apply-batch.ts'
import { type StateSession, stateSession } from '../../lib/state/protocol/session.ts'
import type { Batch, LateRow, Output, StatefulQuery } from '../../lib/state/protocol/stateful-query.ts'
import type { StateStore } from '../../lib/state/store.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { type Emission, runBatch } from './emission.ts'
import { batchOf, delayMs, foldIds, type Rec, windowMs } from './schedule/topic.ts'

export function aQuery(given: Partial<StatefulQuery<Rec>> = {}): StatefulQuery<Rec> {
  return {
    name: 'ticks',
    fingerprint: { grouping: 'window(timestamp, 10)' },
    outputMode: 'append',
    watermark: { policy: 'max', delayMs },
    windows: { everyMs: windowMs, phaseMs: 0 },
    shards: 2,
    fold: foldIds,
    ...given,
  }
}

/** `{ 't-0': { from: 3, times: [12, 14] } }`: offsets 3 and 4; a null time is a dead letter, `key` defaults to `a`. */
export function aBatch(
  parts: Readonly<Record<string, { readonly from: number; readonly times: readonly (number | null)[]; key?: string }>>,
  slideMs: number = windowMs,
): Batch<Rec> {
  const topic = new Map(
    Object.entries(parts).map(([tp, { from, times, key = 'a' }]) => {
      const records: Rec[] = []
      times.forEach((time, index) => {
        records[from + index] = { tp, offset: from + index, key, eventTimeMs: time === null ? null : eventTimeMs(time) }
      })
      return [tp, records]
    }),
  )
  const ranges = new Map(
    Object.entries(parts).map(([tp, { from, times }]) => [tp, [from, from + times.length] as const]),
  )
  return batchOf(topic, ranges, slideMs)
}

export interface Told {
  readonly emission: Emission<Rec>
  readonly outputs: Output[]
  readonly late: LateRow<Rec>[]
  deadLetterCalls: number
}

export function rememberingEmission(): Told {
  const told: Told = {
    outputs: [],
    late: [],
    deadLetterCalls: 0,
    emission: {
      late: async (rows) => void told.late.push(...rows),
      deadLetters: async () => void told.deadLetterCalls++,
      rows: async (output) => void told.outputs.push(output),
    },
  }
  return told
}

/** `windowEnd {rows}` of the last output. */
export const shown = (told: Told): readonly string[] =>
  (told.outputs.at(-1)?.rows ?? []).map(({ windowEndMs, acc }) => `${windowEndMs} {${acc}}`)

export interface Calls {
  reads: number
  writes: number
  queries: number
}

/** Counts what would be calls to DynamoDB: a page of a range is one query. */
export function countingStore(store: StateStore = memoryState()): {
  readonly store: StateStore
  readonly calls: Calls
} {
  const calls: Calls = { reads: 0, writes: 0, queries: 0 }
  const counting: StateStore = {
    ...store,
    get: (key) => {
      calls.reads += 1
      return store.get(key)
    },
    put: (item, rev) => {
      calls.writes += 1
      return store.put(item, rev)
    },
    async *range(pk, fromSk, toSk) {
      for await (const page of store.range(pk, fromSk, toSk)) {
        calls.queries += 1
        yield page
      }
    },
  }
  return { store: counting, calls }
}

export interface Driver {
  readonly session: StateSession
  readonly told: Told
  readonly run: (batch: Batch<Rec>, nowMs?: number) => Promise<BatchOutcome<Rec>>
}

/** One query, one container, one emission that remembers. */
export function aDriver(query: StatefulQuery<Rec> = aQuery(), session: StateSession = aSession()): Driver {
  const told = rememberingEmission()
  const run = (batch: Batch<Rec>, nowMs = 1000): Promise<BatchOutcome<Rec>> =>
    runBatch(applyBatch, [session, query, batch, wallTimeMs(nowMs)], told.emission)
  return { session, told, run }
}

export const aSession = (store: StateStore = memoryState()): StateSession =>
  stateSession(store, { sleep: async () => {} })
