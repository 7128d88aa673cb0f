// Rows -> Spark's text table, character for character (Dataset.showString of Spark 3.5). Knows nothing of batches and
// writes nowhere: console.ts does that.

import { cellText, neutralise } from './cell.ts'
import type { OutputColumns } from './output-columns.ts'

export interface ShowOptions {
  readonly columns: OutputColumns
  /** How many rows at the most. @default 20 */
  readonly numRows?: number
  /**
   * Cells longer than this many UTF-16 units are cut, ending in `...`; `true` is 20. `false` or 0 cuts nothing that is not
   * beyond `maxCellLength`, and aligns to the left. @default true
   */
  readonly truncate?: boolean | number
  /**
   * The bound of a cell where `truncate` sets none, in UTF-16 units. A column is as wide as its widest cell in every row, so
   * one long text from a record would make a table of many megabytes, more than the memory of a function. Spark has no such
   * bound: that is Infinity. The row itself is whole in any case. @default 512
   */
  readonly maxCellLength?: number
}

/**
 * The table of some rows, ending in a line break.
 *
 * @example
 * showString([{ symbol: 'AAPL', price: 150.5 }], { columns: struct({ symbol: string(), price: double() }).columns })
 * // +------+-----+
 * // |symbol|price|
 * // +------+-----+
 * // |  AAPL|150.5|
 * // +------+-----+
 */
export function showString(
  rows: readonly Readonly<Record<string, unknown>>[],
  { columns, numRows = 20, truncate = true, maxCellLength = 512 }: ShowOptions,
): string {
  const wanted = truncate === true ? 20 : Number(truncate)
  const limit = wanted > 0 ? wanted : Math.max(1, maxCellLength)
  const most = Math.max(0, numRows)
  const shown = rows.slice(0, most)
  const names = Array.from(columns.keys())
  const table = [
    names.map(neutralise),
    ...shown.map((row) => Array.from(columns, ([name, { type }]) => cut(cellText(row[name], type, limit), limit))),
  ]
  const widths = names.map((_, column) =>
    // not Math.max(...): a call takes some 120,000 arguments, and a batch can have more rows
    table.reduce((widest, cells) => Math.max(widest, width(cells[column] ?? '')), 3),
  )
  const separator = `+${widths.map((columnWidth) => '-'.repeat(columnWidth)).join('+')}+`
  const lines = table.map(
    (cells) => `|${cells.map((cell, column) => align(cell, widths[column] ?? 3, wanted > 0)).join('|')}|`,
  )
  const [header = '', ...body] = lines
  const text = [separator, header, separator, ...body, separator].join('\n')
  if (rows.length <= most) return `${text}\n`
  return `${text}\nonly showing top ${most} ${most === 1 ? 'row' : 'rows'}\n`
}

/** Spark leaves no room for dots where fewer than four characters are allowed. */
function cut(cell: string, limit: number): string {
  if (cell.length <= limit) return cell
  return limit < 4 ? cell.slice(0, limit) : `${cell.slice(0, limit - 3)}...`
}

function align(cell: string, columnWidth: number, right: boolean): string {
  const padding = ' '.repeat(columnWidth - width(cell))
  return right ? padding + cell : cell + padding
}

/** The ranges that Spark counts as two columns wide (Utils.fullWidthRegex of Spark 3.5). */
const fullWidth =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g

const width = (text: string): number => text.length + (text.match(fullWidth)?.length ?? 0)
