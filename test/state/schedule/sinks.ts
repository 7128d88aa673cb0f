// The sinks of a schedule, which remember everything: what the invariants look at.

import { groupId } from '../../../lib/state/items/layout.ts'
import type { Output, OutputRow } from '../../../lib/state/protocol/stateful-query.ts'
import type { Emission } from '../emission.ts'
import { type Rec, recordId } from './topic.ts'

export interface Sinks {
  readonly emission: Emission<Rec>
  /** Every row ever appended. */
  readonly appended: readonly OutputRow[]
  /** Per id, the row an upserting sink holds. */
  readonly upserted: ReadonlyMap<string, OutputRow>
  /** The table a replacing sink holds. */
  readonly table: () => Output | null
  /** `row @ group`, for every late row ever reported. */
  readonly late: ReadonlySet<string>
  readonly lateRecords: ReadonlySet<string>
}

export interface SinkRules {
  /** An upserting sink refuses a lower version of a row. */
  readonly refusesOldVersion: boolean
  /** A replacing sink refuses the table of a lower batch number. */
  readonly refusesOldTable: boolean
}

export const properSinks: SinkRules = { refusesOldVersion: true, refusesOldTable: true }

export function rememberingSinks(rules: SinkRules): Sinks {
  const appended: OutputRow[] = []
  const upserted = new Map<string, OutputRow>()
  const late = new Set<string>()
  const lateRecords = new Set<string>()
  let table: Output | null = null

  const upsert = (row: OutputRow): void => {
    const held = upserted.get(row.id)
    if (rules.refusesOldVersion && held !== undefined && held.version > row.version) return
    upserted.set(row.id, row)
  }
  const replace = (output: Output): void => {
    if (rules.refusesOldTable && table !== null && table.batchId > output.batchId) return
    table = output
  }
  const emission: Emission<Rec> = {
    async late(rows) {
      for (const row of rows) {
        lateRecords.add(recordId(row))
        for (const group of row.groups) late.add(`${recordId(row)} @ ${groupId(group)}`)
      }
    },
    async deadLetters() {},
    async rows(output) {
      switch (output.mode) {
        case 'append':
          appended.push(...output.rows)
          return
        case 'update':
          output.rows.forEach(upsert)
          return
        case 'complete':
          replace(output)
      }
    },
  }
  return { emission, appended, upserted, table: () => table, late, lateRecords }
}
