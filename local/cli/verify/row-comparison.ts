// The rows of a query without aggregation, compared as multisets: each row of the topic has been printed as often as it is
// there, at least. Printed once more it came again, as a delivery may; printed and not in the topic it is wrong. Pure.
import type { Comparison, Difference } from './comparison.ts'
import type { PrintedRow } from './printed-tables.ts'

/** How often each row is there, by its text. */
export type RowCounts = ReadonlyMap<string, number>

/** What Spark's console leaves of a cell that is longer than 20 characters. */
const cutCell = /^.{17}\.\.\.$/s

/** Whether a row was printed by a sink that cuts long cells. */
export const hasCutCell = (row: PrintedRow): boolean => [...row.values()].some((cell) => cutCell.test(cell))

/** The text of a row. @param cuts long cells as the console cuts them, where it does */
export function rowText(row: PrintedRow, cuts: boolean): string {
  const cell = (text: string) => (cuts && text.length > 20 ? `${text.slice(0, 17)}...` : text)
  return [...row].map(([name, text]) => `${name} ${cell(text)}`).join(', ')
}

/** @example countRows(['a 1', 'a 1']).get('a 1') // 2 */
export function countRows(texts: Iterable<string>): RowCounts {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

export interface RowComparison {
  readonly printed: RowCounts
  /** Rows of the records that were delivered. */
  readonly delivered: RowCounts
  /** Rows of those that were not, or not surely: they may have been printed. */
  readonly undelivered: RowCounts
  /** The topic has lost records: what is printed may have been theirs. */
  readonly hasLost: boolean
  /** A row may come out long after its records: one that was not printed may come. */
  readonly isHeld: boolean
}

/** The rows of the one that the other does not have. */
export function without(rows: RowCounts, others: RowCounts): RowCounts {
  const rest = [...rows].map(([text, count]) => [text, count - (others.get(text) ?? 0)] as const)
  return new Map(rest.filter(([, count]) => count > 0))
}

export function compareRows({ printed, delivered, undelivered, hasLost, isHeld }: RowComparison): Comparison {
  const missing: Difference[] = []
  const differing: Difference[] = []
  const counts = { compared: 0, lost: 0, repeated: 0, open: 0, unprinted: 0 }
  for (const [text, wanted] of delivered) {
    const lacking = Math.max(0, wanted - (printed.get(text) ?? 0))
    counts.compared += isHeld ? wanted - lacking : wanted
    if (isHeld) counts.unprinted += lacking
    else for (let copy = 0; copy < lacking; copy += 1) missing.push({ group: [], printed: 'none', computed: text })
  }
  for (const [text, count] of printed) {
    const inTopic = (delivered.get(text) ?? 0) + (undelivered.get(text) ?? 0)
    const extra = Math.max(0, count - inTopic)
    if (inTopic > 0) counts.repeated += extra
    else if (hasLost) counts.lost += extra
    else differing.push({ group: [], printed: text, computed: 'none' })
  }
  for (const count of undelivered.values()) counts.open += count
  const numCompared = counts.compared + differing.length
  return {
    unit: 'rows',
    groupColumns: [],
    numCompared,
    numEqual: numCompared - missing.length - differing.length,
    differing,
    missing,
    numOpen: counts.open,
    numLost: counts.lost,
    numUnprinted: counts.unprinted,
    numRepeated: counts.repeated,
  }
}
