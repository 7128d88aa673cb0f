// Two results of a query, row by row: what one has and the other lacks, and of the groups that both have, which columns differ. Pure.
import type { JsonRow } from '../replay/captured-rows.ts'
import type { OutputTable } from './output-tables.ts'

export type Difference =
  /** How often it came more. */
  | { readonly kind: 'added' | 'removed'; readonly row: JsonRow; readonly count: number }
  | {
      readonly kind: 'changed'
      /** The columns of the group. */
      readonly key: JsonRow
      readonly columns: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>
    }

export interface TableComparison {
  readonly function: string
  /** `groups` where rows are told apart by their group. */
  readonly unit: 'groups' | 'rows'
  readonly numEqual: number
  readonly numChanged: number
  readonly numAdded: number
  readonly numRemoved: number
  /** Every column that differs somewhere, in the order of the table. */
  readonly changedColumns: readonly string[]
  /** In the order of the keys. */
  readonly differences: readonly Difference[]
  /** Counts of both sides, which no row shows. */
  readonly late: { readonly before: number; readonly after: number }
  readonly deadLetters: { readonly before: number; readonly after: number }
}

/** @example compareTables(before, after).changedColumns // ['vwap'] */
export function compareTables(before: OutputTable, after: OutputTable): TableComparison {
  const differences: Difference[] = []
  const changed = new Set<string>()
  const counts = { numEqual: 0, numChanged: 0, numAdded: 0, numRemoved: 0 }
  const isKeyed = before.keyColumns !== null && String(before.keyColumns) === String(after.keyColumns)
  for (const key of [...new Set([...before.rows.keys(), ...after.rows.keys()])].sort()) {
    const [left, right] = [before.rows.get(key), after.rows.get(key)]
    const more = (right?.count ?? 0) - (left?.count ?? 0)
    if (right !== undefined && more > 0) {
      counts.numAdded += more
      differences.push({ kind: 'added', row: right.row, count: more })
    } else if (left !== undefined && more < 0) {
      counts.numRemoved -= more
      differences.push({ kind: 'removed', row: left.row, count: -more })
    }
    if (left === undefined || right === undefined) continue
    const columns = changedColumns(left.row, right.row)
    const names = Object.keys(columns)
    for (const name of names) changed.add(name)
    if (names.length === 0) counts.numEqual += Math.min(left.count, right.count)
    else {
      counts.numChanged += 1
      const group = (before.keyColumns ?? []).map((column) => [column, left.row[column]] as const)
      differences.push({ kind: 'changed', key: Object.fromEntries(group), columns })
    }
  }
  const order = [...new Set([...before.query.columns, ...after.query.columns])]
  return {
    function: before.query.function,
    unit: isKeyed ? 'groups' : 'rows',
    ...counts,
    changedColumns: [...changed].sort((left, right) => order.indexOf(left) - order.indexOf(right)),
    differences,
    late: { before: before.numLate, after: after.numLate },
    deadLetters: { before: before.numDeadLetters, after: after.numDeadLetters },
  }
}

function changedColumns(before: JsonRow, after: JsonRow) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const [left, right] = [before[name], after[name]]
      return JSON.stringify(left) === JSON.stringify(right) ? [] : [[name, { before: left, after: right }] as const]
    }),
  )
}

export const isSame = ({ differences, late, deadLetters }: TableComparison): boolean =>
  differences.length === 0 && late.before === late.after && deadLetters.before === deadLetters.after
