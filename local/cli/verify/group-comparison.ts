// The groups of an aggregation: what was printed last of each against what the topic says. Both sides are printed text, so equal
// means equal to the last digit. Pure.
import type { Comparison, Difference } from './comparison.ts'
import type { PrintedRow } from './printed-tables.ts'

/** By group: a row of it. */
export type Groups = ReadonlyMap<string, PrintedRow>

/** The group of a row, as a map's key; undefined for a row without the grouping columns. */
export function groupKey(row: PrintedRow, columns: readonly string[]): string | undefined {
  const cells = columns.map((name) => row.get(name))
  return cells.includes(undefined) ? undefined : JSON.stringify(cells)
}

export interface GroupComparison {
  readonly columns: readonly string[]
  readonly printed: Groups
  /** The result of the records that were delivered. */
  readonly computed: Groups
  /** Groups with records that were not delivered yet: what is printed of them is not final. */
  readonly open: ReadonlySet<string>
  /** Groups that have lost records to the topic's retention: nothing can be computed. */
  readonly isLost: (row: PrintedRow) => boolean
  /** A group is printed only when it is closed: what was not printed may come. */
  readonly isAppend: boolean
}

/** @example compareGroups({ columns: ['customer'], printed, computed, open, isLost: () => false, isAppend: false }).differing */
export function compareGroups(input: GroupComparison): Comparison {
  const { columns, printed, computed, open, isLost, isAppend } = input
  const differing: Difference[] = []
  const missing: Difference[] = []
  const counts = { compared: 0, lost: 0, unprinted: 0 }
  for (const key of [...new Set([...computed.keys(), ...printed.keys()])].sort()) {
    if (open.has(key)) continue
    const [ofPrinted, ofComputed] = [printed.get(key), computed.get(key)]
    const row = ofComputed ?? ofPrinted
    if (row === undefined) continue
    if (isLost(row)) counts.lost += 1
    else if (isAppend && ofPrinted === undefined) counts.unprinted += 1
    else {
      counts.compared += 1
      const difference = differenceOf(columns, row, ofPrinted, ofComputed)
      if (difference !== undefined) (ofPrinted === undefined ? missing : differing).push(difference)
    }
  }
  return {
    unit: 'groups',
    groupColumns: columns,
    numCompared: counts.compared,
    numEqual: counts.compared - differing.length - missing.length,
    differing,
    missing,
    numOpen: open.size,
    numLost: counts.lost,
    numUnprinted: counts.unprinted,
    numRepeated: 0,
  }
}

function differenceOf(
  keys: readonly string[],
  row: PrintedRow,
  printed: PrintedRow | undefined,
  computed: PrintedRow | undefined,
): Difference | undefined {
  const names = [...new Set([...(computed?.keys() ?? []), ...(printed?.keys() ?? [])])]
  const unequal = names.filter((name) => printed?.get(name) !== computed?.get(name))
  if (unequal.length === 0) return undefined
  const cells = (side: PrintedRow | undefined): string =>
    side === undefined
      ? 'none'
      : unequal
          .filter((name) => !keys.includes(name))
          .map((name) => `${name} ${side.get(name) ?? 'none'}`)
          .join(', ')
  return { group: keys.map((name) => row.get(name) ?? ''), printed: cells(printed), computed: cells(computed) }
}
