// The queries of one mapping, from the progress that their function tells: the last one of each, and sums since the page began.

import type { QueryProgress } from './query-progress.ts'
import type { QueryState } from './state.ts'

const maxQueries = 20
/** Progress that is told twice, by the answer and by a line, comes within as many. */
const rememberedIdentities = 64

export interface QueryLog {
  /** @returns whether it is news */
  readonly progressed: (progress: QueryProgress, nowMs: number) => boolean
  readonly all: () => readonly QueryState[]
  /** The greatest gap between a watermark and the latest event time of its query. */
  readonly gapMs: () => number | null
}

/** @example const queries = queryLog(); queries.progressed(progress, Date.now()); queries.all()[0]?.lateRows */
export function queryLog(): QueryLog {
  const queries = new Map<string, QueryState>()
  const identities = new Set<string>()
  return {
    progressed: (progress, nowMs) => {
      if (identities.has(progress.identity)) return false
      identities.add(progress.identity)
      for (const identity of identities) {
        if (identities.size <= rememberedIdentities) break
        identities.delete(identity)
      }
      const before = queries.get(progress.name)
      if (before === undefined && queries.size >= maxQueries) return false
      queries.set(progress.name, next(before, progress, nowMs))
      return true
    },
    all: () => [...queries.values()],
    gapMs: () => {
      const gaps = [...queries.values()].flatMap(({ watermarkMs, latestMs }) =>
        watermarkMs === null || latestMs === null ? [] : [latestMs - watermarkMs],
      )
      return gaps.length === 0 ? null : Math.max(...gaps)
    },
  }
}

function next(before: QueryState | undefined, progress: QueryProgress, nowMs: number): QueryState {
  const { name, batchId, processedRowsPerSecond } = progress
  return {
    ...{ name, batchId, processedRowsPerSecond, at: nowMs },
    watermarkMs: progress.watermarkMs ?? before?.watermarkMs ?? null,
    latestMs: later(progress.latestMs, before?.latestMs ?? null),
    heldBackBy: progress.heldBackBy,
    state: progress.state,
    inputRows: (before?.inputRows ?? 0) + progress.inputRows,
    outputRows: (before?.outputRows ?? 0) + progress.outputRows,
    lateRows: (before?.lateRows ?? 0) + progress.lateRows,
    deadLetters: (before?.deadLetters ?? 0) + progress.deadLetters,
    droppedMalformed: (before?.droppedMalformed ?? 0) + progress.droppedMalformed,
    withoutEventTime: (before?.withoutEventTime ?? 0) + progress.withoutEventTime,
  }
}

const later = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other)
