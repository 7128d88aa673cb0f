// The sinks of a schedule, which remember everything: what the invariants look at.

import type { LateRow, Output } from '../../../lib/state/protocol/operators/stateful-query.ts'
import { pairOf, type Rec, recordId } from './topic.ts'

/** A row as a sink was given it: the accumulator is text by then, since state may change it in place afterwards. */
export interface SinkRow {
  readonly id: string
  readonly acc: string
  readonly version: number
}

export interface SinkTable {
  readonly batchId: number
  readonly rows: readonly SinkRow[]
}

export interface Sinks {
  late(rows: readonly LateRow<Rec>[]): Promise<void>
  rows(mode: Output['mode'], table: SinkTable): Promise<void>
  /** Every row ever appended. */
  readonly appended: readonly SinkRow[]
  /** Every row ever given in update mode. */
  readonly updates: readonly SinkRow[]
  /** Per id, the row that an upserting sink has. */
  readonly upserted: ReadonlyMap<string, SinkRow>
  /** The table that a replacing sink has. */
  readonly table: () => SinkTable | null
  /** `row @ group`, for every late row ever reported. */
  readonly latePairs: ReadonlySet<string>
  readonly lateRecords: ReadonlySet<string>
}

export interface SinkRules {
  /** An upserting sink refuses a lower version of a row. */
  readonly refusesOldVersion: boolean
  /** A replacing sink refuses the table of a lower batch number. */
  readonly refusesOldTable: boolean
}

export const properSinks: SinkRules = { refusesOldVersion: true, refusesOldTable: true }

export const sinkTable = ({ batchId, rows }: Output<string[]>): SinkTable => ({
  batchId,
  rows: rows.map(({ id, acc, version }) => ({ id, acc: acc.join(' '), version })),
})

export function rememberingSinks(rules: SinkRules): Sinks {
  const appended: SinkRow[] = []
  const updates: SinkRow[] = []
  const upserted = new Map<string, SinkRow>()
  const latePairs = new Set<string>()
  const lateRecords = new Set<string>()
  let table: SinkTable | null = null

  const upsert = (row: SinkRow): void => {
    updates.push(row)
    const there = upserted.get(row.id)
    if (rules.refusesOldVersion && there !== undefined && there.version > row.version) return
    upserted.set(row.id, row)
  }
  return {
    async late(rows) {
      for (const { row, groups } of rows) {
        lateRecords.add(recordId(row))
        for (const group of groups) latePairs.add(pairOf(row, group))
      }
    },
    async rows(mode, output) {
      if (mode === 'append') appended.push(...output.rows)
      else if (mode === 'update') output.rows.forEach(upsert)
      else if (!rules.refusesOldTable || table === null || table.batchId <= output.batchId) table = output
    },
    appended,
    updates,
    upserted,
    table: () => table,
    latePairs,
    lateRecords,
  }
}
