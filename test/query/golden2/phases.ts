// What a phase came to, in the same form for Spark and for the test driver. Spark's data batch and the no-data batch after it are
// one of ours: counts add up, the last total holds, and in complete mode the last table.

import { keptText } from './kept-text.ts'
import type { Row, SparkBatch, StateNumbers } from './scenario.ts'

/** What a stateful operator did in a phase. The last of the plan is first. */
export interface OperatorNumbers {
  readonly name: string
  readonly updated: number
  readonly removed: number
  readonly total: number
  readonly dropped: number
  readonly duplicates: number
}

export interface Phase {
  /** In their order where there is one, sorted otherwise. */
  readonly rows: readonly string[]
  /** What the phase ran with; undefined for a query without one. */
  readonly watermark: string | undefined
  readonly operators: readonly OperatorNumbers[]
}

/** An empty phase runs nothing. */
export const notRun: Phase = { rows: [], watermark: undefined, operators: [] }

export function sparkPhase(batches: readonly SparkBatch[], isComplete: boolean): Phase {
  const [first] = batches
  if (first === undefined) return notRun
  const rows = isComplete ? (batches.at(-1)?.rows ?? []) : batches.flatMap(({ rows }) => rows)
  return {
    rows: textsOf(
      rows,
      batches.some(({ ordered }) => ordered === true),
    ),
    watermark: first.eventTime?.watermark,
    operators: (first.state ?? []).map((_, i) => sumOf(batches.flatMap(({ state }) => state?.[i] ?? []))),
  }
}

function sumOf(numbers: readonly StateNumbers[]): OperatorNumbers {
  const sum = (of: (each: StateNumbers) => number): number => numbers.reduce((total, each) => total + of(each), 0)
  return {
    name: numbers[0]?.operatorName ?? '',
    updated: sum(({ numRowsUpdated }) => numRowsUpdated),
    removed: sum(({ numRowsRemoved }) => numRowsRemoved),
    total: numbers.at(-1)?.numRowsTotal ?? 0,
    dropped: sum(({ numRowsDroppedByWatermark }) => numRowsDroppedByWatermark),
    duplicates: sum(({ numDroppedDuplicateRows = 0 }) => numDroppedDuplicateRows),
  }
}

export function textsOf(rows: readonly Row[], isOrdered: boolean): readonly string[] {
  const texts = rows.map(keptText)
  return isOrdered ? texts : texts.sort()
}
