// Everything the page shows, kept up to date from the events of the mappings and from what their functions print, and bounded: the last
// batches, letters and minutes, payloads up to a number of bytes. It serves nothing.

import type { PrintedLines } from '../../events/function-output.ts'
import type { MappingEvent } from '../../events/mapping-event.ts'
import { deadLetterLine, letterLog } from './letter-log.ts'
import { type MappingView, mappingView, type ShownMapping } from './mapping-view.ts'
import { payloadStore } from './payload-store.ts'
import { tableReader } from './printed-tables.ts'
import { progressOf, type QueryProgress } from './query-progress.ts'
import type { HistoryPoint, PageChange, PageState, TableState } from './state.ts'

export interface PageView {
  readonly mappings: readonly MappingView[]
  readonly event: (event: MappingEvent) => void
  readonly printed: (printed: PrintedLines) => void
  /** Ends a second. */
  readonly tick: () => void
  readonly state: () => PageState
  /** What changed since this was last asked; undefined for nothing. */
  readonly change: () => PageChange | undefined
  /** A batch that is still kept: its mapping, and its event as JSON. */
  readonly payload: (
    batch: number,
  ) => { readonly mapping: MappingView; readonly bytes: Buffer; readonly recordCount: number } | undefined
}

const maxTables = 20
const noLongerKept = 'Its payload is no longer kept: those of the last batches are, up to 32 MB.'

/**
 * @param service its name and stage
 * @example const view = pageView('microbatch-dev', shown, Date.now); onMappingEvent(view.event); view.state()
 */
export function pageView(service: string, shown: readonly ShownMapping[], now: () => number): PageView {
  const startedAtMs = now()
  let lastBatch = 0
  const mappingOf = new Map<number, MappingView>()
  const payloads = payloadStore((batch) => mappingOf.get(batch)?.batches.payloadKept(batch, noLongerKept))
  const letters = letterLog()
  const tables = new Map<string, TableState>()
  const freshTables = new Map<string, TableState>()
  let freshPoints: Record<string, HistoryPoint[]> = {}
  let isDirty = false
  const readers = new WeakMap<object, ReturnType<typeof tableReader>>()
  const nextBatch = () => {
    lastBatch += 1
    return lastBatch
  }
  const mappings = shown.map((mapping, index) =>
    mappingView(String(index), mapping, nextBatch, (id) => mappingOf.delete(id)),
  )

  function event(given: MappingEvent): void {
    const mapping = mappings.find(({ shown: { identity } }) => identity === given.mapping)
    if (mapping === undefined) return
    isDirty = true
    const nowMs = now()
    const { batches, history } = mapping
    switch (given.kind) {
      case 'batchClosed':
        batches.closed(given, given.waitedMs, nowMs)
        return
      case 'invocationStarted': {
        const id = batches.started(given, given.attempt, nowMs)
        mappingOf.set(id, mapping)
        if (given.attempt === 1) batches.payloadKept(id, payloads.keep(id, given.payload, given.payloadBytes, nowMs))
        return
      }
      case 'invocationSucceeded': {
        batches.succeeded(given.records, given.durationMs)
        history.add({ handled: given.records.count })
        const progress = progressOf(given.answer)
        if (progress !== undefined) progressed(mapping, progress, nowMs)
        return
      }
      case 'invocationFailed':
        batches.failed(given, nowMs)
        history.add({ failed: given.failedCount, handled: given.records.count - given.failedCount })
        return
      case 'discarded':
        batches.discarded(given.records)
        letters.gaveUp(mapping.id, given, nowMs)
        return
      default:
        letters.gaveUp(mapping.id, given, nowMs)
        mapping.take(given, nowMs)
        return
    }
  }

  function progressed(mapping: MappingView, progress: QueryProgress, nowMs: number): void {
    if (mapping.queries.progressed(progress, nowMs)) mapping.batches.progressed(progress)
  }

  function printed({ functionKey, output, lines }: PrintedLines): void {
    const own = mappings.filter(({ shown: { identity } }) => identity.functionKey === functionKey)
    if (own.length === 0) return
    isDirty = true
    const nowMs = now()
    const reader = readers.get(output) ?? tableReader(functionKey)
    readers.set(output, reader)
    for (const line of lines) {
      const table = reader(line)
      if (table !== undefined) printedTable({ ...table, functionKey, at: nowMs })
      const letter = deadLetterLine(line)
      const reads = (topic: string) => own.find(({ shown: { identity } }) => identity.topic === topic)
      if (letter !== undefined) {
        const record = payloads.record(letter.topic, letter.partition, letter.offset)
        letters.deadLetter((reads(letter.topic) ?? own[0])?.id ?? '', letter, record, nowMs)
        continue
      }
      const progress = progressOf(line)
      const mapping = reads(progress?.from[0]?.topic ?? '')
      if (progress !== undefined && mapping !== undefined) progressed(mapping, progress, nowMs)
    }
  }

  function printedTable(table: TableState): void {
    const name = `${table.functionKey} ${table.query}`
    if (!tables.has(name) && tables.size >= maxTables) return
    tables.set(name, table)
    freshTables.set(name, table)
  }

  return {
    ...{ mappings, event, printed },
    tick: () => {
      isDirty = true
      for (const mapping of mappings) {
        const points = freshPoints[mapping.id] ?? []
        freshPoints[mapping.id] = points
        points.push(mapping.tick(now()))
        // Nobody asks while no page is open.
        if (points.length > 900) points.shift()
      }
    },
    state: () => ({
      ...{ service, startedAtMs, nowMs: now() },
      mappings: mappings.map((mapping) => mapping.summary(now())),
      batches: mappings.flatMap(({ batches }) => batches.all()),
      history: Object.fromEntries(mappings.map(({ id, history }) => [id, history.points()])),
      letters: letters.all(),
      tables: [...tables.values()],
    }),
    change: () => {
      if (!isDirty) return undefined
      isDirty = false
      const points = freshPoints
      freshPoints = {}
      const change = {
        nowMs: now(),
        mappings: mappings.map((mapping) => mapping.summary(now())),
        batches: mappings.flatMap(({ batches }) => batches.changed()),
        points,
        letters: letters.changed(),
        tables: [...freshTables.values()],
      }
      freshTables.clear()
      return change
    },
    payload: (batch) => {
      const [mapping, kept] = [mappingOf.get(batch), payloads.get(batch)]
      return mapping === undefined || kept === undefined ? undefined : { mapping, ...kept }
    },
  }
}
