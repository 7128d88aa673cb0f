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
  /** A line for each column, in a block for each row: for rows that are wider than the screen. @default false */
  readonly vertical?: boolean
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
  { columns, numRows = 20, truncate = true, maxCellLength = 512, vertical = false }: ShowOptions,
): string {
  const wanted = truncate === true ? 20 : Number(truncate)
  const limit = wanted > 0 ? wanted : Math.max(1, maxCellLength)
  const most = Math.max(0, numRows)
  const shown = rows.slice(0, most)
  const names = Array.from(columns.keys())
  const header = names.map(neutralise)
  const body = shown.map((row) =>
    Array.from(columns, ([name, { type }]) => cut(cellText(row[name], type, limit), limit)),
  )
  const text = vertical ? records(header, body) : table(header, body, wanted > 0)
  if (vertical && rows.length === 0) return '(0 rows)\n'
  if (rows.length <= most) return `${text}\n`
  return `${text}\nonly showing top ${most} ${most === 1 ? 'row' : 'rows'}\n`
}

function table(header: readonly string[], body: readonly (readonly string[])[], isRight: boolean): string {
  const widths = header.map((name, column) => widest([name, ...body.map((cells) => cells[column] ?? '')]))
  const separator = `+${widths.map((columnWidth) => '-'.repeat(columnWidth)).join('+')}+`
  const line = (cells: readonly string[]): string =>
    `|${cells.map((cell, column) => align(cell, widths[column] ?? 3, isRight)).join('|')}|`
  return [separator, line(header), separator, ...body.map(line), separator].join('\n')
}

function records(header: readonly string[], body: readonly (readonly string[])[]): string {
  const nameWidth = widest(header)
  const cellWidth = widest(body.flat())
  return body
    .flatMap((cells, i) => [
      `-RECORD ${i}`.padEnd(nameWidth + cellWidth + 5, '-'),
      ...cells.map(
        (cell, column) => ` ${align(header[column] ?? '', nameWidth, false)} | ${align(cell, cellWidth, false)} `,
      ),
    ])
    .join('\n')
}

/** Not Math.max(...): a call takes some 120,000 arguments, and a batch can have more rows. */
const widest = (cells: readonly string[]): number => cells.reduce((most, cell) => Math.max(most, width(cell)), 3)

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
