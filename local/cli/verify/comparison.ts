// What comes of comparing a query's printed result with the one that its topic gives, and how that is said. Pure.
import { aligned } from '../aligned.ts'

export interface Difference {
  /** The grouping columns' cells; none where rows are compared. */
  readonly group: readonly string[]
  /** The cells that differ, `count 2, sum 150.1`; `none` for what is not there. */
  readonly printed: string
  readonly computed: string
}

export interface Comparison {
  /** The things that are compared: groups, or rows. */
  readonly unit: 'groups' | 'rows'
  readonly groupColumns: readonly string[]
  readonly numCompared: number
  readonly numEqual: number
  /** Printed, and otherwise than computed. */
  readonly differing: readonly Difference[]
  /** Computed, and never printed. */
  readonly missing: readonly Difference[]
  /** Not compared: some of their records are not delivered yet. */
  readonly numOpen: number
  /** Not compared: records of them are no longer in the topic. */
  readonly numLost: number
  /** Not compared: in append mode a group is printed when it is closed, and a row that the watermark holds back when it has passed. */
  readonly numUnprinted: number
  /** Rows that were printed once more than the topic has them, as after a crash between printing and committing. */
  readonly numRepeated: number
}

export const isRight = ({ numCompared, differing, missing }: Comparison): boolean =>
  numCompared > 0 && differing.length + missing.length === 0

/**
 * One line for each difference, under a header, and the summary as the last line.
 * @example report('totals', comparison).at(-1) // 'totals: 130 groups compared, 130 equal, 0 differ, 0 missing'
 */
export function report(query: string, comparison: Comparison): readonly string[] {
  const { unit, groupColumns, numCompared, numEqual, differing, missing } = comparison
  const found = [...missing, ...differing]
  const rows = found.map(({ group, printed, computed }) => [...group, printed, computed])
  const table = rows.length === 0 ? [] : [[...groupColumns, 'printed', 'topic'], ...rows]
  const summary = `${query}: ${numCompared} ${unit} compared, ${numEqual} equal, ${differing.length} differ, ${missing.length} missing`
  return [...aligned(table), [summary, ...notCompared(comparison)].join('; ')]
}

function notCompared({ numOpen, numLost, numUnprinted, numRepeated }: Comparison): readonly string[] {
  const notes: readonly (readonly [number, string])[] = [
    [numOpen, 'not compared: records of them are not delivered yet'],
    [numLost, 'not compared: the topic has lost records of them'],
    [numUnprinted, 'not compared: not closed, and so not printed, yet'],
    [numRepeated, 'printed again'],
  ]
  return notes.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`)
}
