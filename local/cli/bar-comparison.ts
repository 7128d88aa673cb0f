// What was printed against what the topic says, bar by bar. Both sides are printed text, so equal means equal to the last
// digit. Pure.
import type { PrintedRow } from './printed-tables.ts'

/** By bar: the row that was printed last. */
export type Bars = ReadonlyMap<string, PrintedRow>

const keyColumns = ['window', 'symbol'] as const

/** The bar of a row, as a map's key; undefined for a row of another table. */
export function barKey(row: PrintedRow): string | undefined {
  const cells = keyColumns.map((name) => row.get(name))
  return cells.includes(undefined) ? undefined : JSON.stringify(cells)
}

export interface ComparisonInput {
  readonly printed: Bars
  /** Of the records that were delivered. */
  readonly computed: Bars
  /** Bars with records that were not delivered yet: what is printed of them is not final. */
  readonly open: ReadonlySet<string>
  /** Bars of this window and before have lost records to the topic's retention: nothing can be computed. */
  readonly lostUpTo: string | undefined
}

export interface Difference {
  readonly window: string
  readonly symbol: string
  /** The cells that differ, `ticks 2, close 150.1`; `none` for a bar that is not there. */
  readonly printed: string
  readonly computed: string
}

export interface Comparison {
  readonly numCompared: number
  readonly numEqual: number
  /** Printed, and otherwise than computed. */
  readonly differing: readonly Difference[]
  /** Computed, and never printed. */
  readonly missing: readonly Difference[]
  /** Not compared: open bars. */
  readonly numOpen: number
  /** Not compared: bars whose records are gone. */
  readonly numLost: number
}

/** @example compareBars({ printed, computed, open: new Set(), lostUpTo: undefined }).differing */
export function compareBars({ printed, computed, open, lostUpTo }: ComparisonInput): Comparison {
  const keys = [...new Set([...computed.keys(), ...printed.keys()])]
  // `{2026-01-05 14:30:00, …}` sorts as text in the order of time
  const isLost = (key: string) =>
    lostUpTo !== undefined && ((computed.get(key) ?? printed.get(key))?.get('window') ?? '') <= lostUpTo
  const closed = keys.filter((key) => !open.has(key))
  const compared = closed.filter((key) => !isLost(key)).sort()
  const differing: Difference[] = []
  const missing: Difference[] = []
  for (const key of compared) {
    const difference = differenceOf(printed.get(key), computed.get(key))
    if (difference !== undefined) (printed.has(key) ? differing : missing).push(difference)
  }
  const numEqual = compared.length - differing.length - missing.length
  return {
    numCompared: compared.length,
    numEqual,
    differing,
    missing,
    numOpen: open.size,
    numLost: closed.length - compared.length,
  }
}

function differenceOf(printed: PrintedRow | undefined, computed: PrintedRow | undefined): Difference | undefined {
  const [window = '', symbol = ''] = keyColumns.map((name) => (computed ?? printed)?.get(name))
  const columns = [...new Set([...(computed?.keys() ?? []), ...(printed?.keys() ?? [])])]
  const unequal = columns.filter((name) => printed?.get(name) !== computed?.get(name))
  if (unequal.length === 0) return undefined
  return { window, symbol, printed: cells(printed, unequal), computed: cells(computed, unequal) }
}

const cells = (row: PrintedRow | undefined, columns: readonly string[]): string =>
  row === undefined
    ? 'none'
    : columns
        .filter((name) => !keyColumns.some((key) => key === name))
        .map((name) => `${name} ${row.get(name) ?? 'none'}`)
        .join(', ')

/**
 * One line for each bar that differs or is missing, under a header, and the summary as the last line.
 * @example report(comparison).at(-1) // '130 bars compared, 130 equal, 0 differ, 0 missing'
 */
export function report({ numCompared, numEqual, differing, missing, numOpen, numLost }: Comparison): readonly string[] {
  const header = { window: 'window', symbol: 'symbol', printed: 'printed', computed: 'topic' }
  const rows = [...missing, ...differing]
  const table = rows.length === 0 ? [] : [header, ...rows]
  const width = (name: keyof Difference) => table.reduce((widest, row) => Math.max(widest, row[name].length), 0)
  const lines = table.map((row) =>
    [row.window.padEnd(width('window')), row.symbol.padEnd(width('symbol')), row.printed.padEnd(width('printed'))]
      .concat(row.computed)
      .join('  '),
  )
  const summary =
    `${numCompared} bars compared, ${numEqual} equal, ${differing.length} differ, ${missing.length} missing` +
    (numOpen === 0 ? '' : `; ${numOpen} not compared: ticks of them are not delivered yet`) +
    (numLost === 0 ? '' : `; ${numLost} not compared: the topic has lost ticks of them`)
  return [...lines, summary]
}
