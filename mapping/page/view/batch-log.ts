// The last batches of one mapping, put together from its events: why each closed, its attempts, what came of it. Events name records
// only, and no partition is ever in two batches that are under way: a partition leads to its batch.

import type { InvocationEvent, SentBatch } from '../../events/mapping-event.ts'
import type { RecordList } from '../../events/record-list.ts'
import { added, type Entry, end, entriesOf, overlaps, stateOf, type Writable } from './batch-entry.ts'
import type { QueryProgress } from './query-progress.ts'
import type { AttemptState, BatchState } from './state.ts'

type Failed = Extract<InvocationEvent, { readonly kind: 'invocationFailed' }>
/** So many attempts are kept of a batch: the first, and the last ones. */
const maxAttempts = 12
const maxBatches = 200
/** Partial batches tell a progress for each partition. */
const maxTold = 1_000

export interface BatchLog {
  readonly closed: (batch: SentBatch, waitedMs: number, nowMs: number) => void
  /** @returns the batch's id */
  readonly started: (sent: SentBatch, attempt: number, nowMs: number) => number
  readonly succeeded: (records: RecordList, durationMs: number) => void
  readonly failed: (event: Failed, nowMs: number) => void
  readonly discarded: (records: RecordList) => void
  /** Partitions that are no longer assigned: what was to be tried again is another member's. */
  readonly revoked: (partitions: readonly number[]) => void
  readonly progressed: (progress: QueryProgress) => void
  readonly payloadKept: (id: number, payload: true | string) => void
  /** Whether a batch has failed and is not settled: its last message. */
  readonly trouble: () => string | undefined
  readonly inFlight: () => number
  readonly all: () => readonly BatchState[]
  /** Those that have changed since this was last asked. */
  readonly changed: () => readonly BatchState[]
}

/**
 * @param nextId gives ids that count up over all mappings
 * @param forgotten told of each batch that is no longer kept
 * @example const log = batchLog('0', () => ++lastId, (id) => payloads.drop(id)); log.closed(event, event.waitedMs, Date.now())
 */
export function batchLog(mappingId: string, nextId: () => number, forgotten: (id: number) => void): BatchLog {
  const entries = new Map<number, Entry>()
  const byPartition = new Map<number, Entry>()
  const dirty = new Set<Entry>()

  const underWay = (records: RecordList): Entry | undefined => {
    const [span] = records.spans
    return span === undefined ? undefined : byPartition.get(span.partition)
  }

  function begin(batch: SentBatch, waitedMs: number, nowMs: number): Entry {
    const { spans, count } = batch.records
    const entry: Entry = {
      ...{ id: nextId(), mappingId, closedAtMs: nowMs, reason: batch.reason, waitedMs, records: count },
      ...{ bytes: batch.payloadBytes, filteredOut: batch.filteredOut, spans, outcome: 'waiting' },
      ...{ attempts: [], retries: [], discarded: 0, progress: null, payload: 'It was not sent yet.' },
      ...{ left: count, told: new Set() },
    }
    entries.set(entry.id, entry)
    for (const { partition } of spans) byPartition.set(partition, entry)
    for (const [id, oldest] of entries) {
      if (entries.size <= maxBatches) break
      entries.delete(id)
      dirty.delete(oldest)
      forgotten(id)
    }
    dirty.add(entry)
    return entry
  }

  function settle(entry: Entry, records: number): void {
    entry.left -= records
    dirty.add(entry)
  }

  const lastAttempt = (entry: Entry): Writable<AttemptState> | undefined => entry.attempts.at(-1)

  return {
    closed: (batch, waitedMs, nowMs) => void begin(batch, waitedMs, nowMs),

    started: (sent, attempt, nowMs) => {
      const entry = underWay(sent.records) ?? begin(sent, 0, nowMs)
      const { count: records } = sent.records
      entry.attempts.push({ attempt, startedAtMs: nowMs, durationMs: null, outcome: null, message: '', records })
      if (entry.attempts.length > maxAttempts) entry.attempts.splice(1, 1)
      entry.outcome = 'running'
      // A half that is tried leaves the other one to come.
      entry.retries = entry.retries.slice(1)
      dirty.add(entry)
      return entry.id
    },

    succeeded: (records, durationMs) => {
      const entry = underWay(records)
      if (entry === undefined) return
      end(lastAttempt(entry), durationMs, 'ok', '')
      settle(entry, records.count)
      entry.outcome = entry.left > 0 ? 'retrying' : entry.discarded > 0 ? 'gone' : 'ok'
    },

    failed: (event, nowMs) => {
      const entry = underWay(event.records)
      if (entry === undefined) return
      end(lastAttempt(entry), event.durationMs, event.failure, event.message)
      const retries = event.retries.map(({ records, delayMs }) => ({
        records: records.count,
        dueAtMs: nowMs + Math.max(0, delayMs),
      }))
      entry.retries = [...retries, ...entry.retries]
      settle(entry, event.records.count - event.failedCount)
      entry.outcome = 'retrying'
    },

    discarded: (records) => {
      // What was too large was in no batch.
      const entry = underWay(records)
      if (entry === undefined || !overlaps(entry.spans, records.spans)) return
      entry.discarded += records.count
      settle(entry, records.count)
      if (entry.left <= 0) entry.outcome = 'gone'
    },

    revoked: (partitions) => {
      for (const partition of partitions) {
        const entry = byPartition.get(partition)
        byPartition.delete(partition)
        if (entry === undefined || entry.left <= 0) continue
        entry.outcome = 'gone'
        entry.retries = []
        dirty.add(entry)
      }
    },

    progressed: (progress) => {
      for (const entry of entriesOf(entries.values(), progress)) {
        // An answer and a line of the log may tell the same; a retry tells it anew.
        if (entry.told.has(progress.identity)) return
        if (entry.told.size < maxTold) entry.told.add(progress.identity)
        entry.progress = added(entry.progress, progress)
        dirty.add(entry)
        return
      }
    },

    payloadKept: (id, payload) => {
      const entry = entries.get(id)
      if (entry === undefined) return
      entry.payload = payload
      dirty.add(entry)
    },

    trouble: () => {
      for (const entry of new Set(byPartition.values())) {
        const failed =
          entry.left > 0 ? entry.attempts.findLast(({ outcome }) => outcome !== null && outcome !== 'ok') : undefined
        if (failed !== undefined) return failed.message
      }
      return undefined
    },

    inFlight: () => [...entries.values()].filter(({ outcome }) => outcome === 'running').length,
    all: () => [...entries.values()].map(stateOf),
    changed: () => {
      const changed = [...dirty].filter(({ id }) => entries.has(id)).map(stateOf)
      dirty.clear()
      return changed
    },
  }
}
