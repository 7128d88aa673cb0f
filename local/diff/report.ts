// A comparison in lines for a person: a summary, and the rows that differ, so many of them. Pure.
import type { JsonRow } from '../replay/captured-rows.ts'
import type { Difference, TableComparison } from './comparison.ts'

/**
 * @param most differences that are shown
 * @example diffReport(comparison, 20)[0] // 'bars: 120 groups: 118 equal, 2 changed (vwap), 0 added, 0 removed'
 */
export function diffReport(comparison: TableComparison, most: number): readonly string[] {
  const { unit, numEqual, numChanged, numAdded, numRemoved, changedColumns, differences } = comparison
  const total = numEqual + numChanged + numAdded + numRemoved
  const columns = changedColumns.length === 0 ? '' : ` (${changedColumns.join(', ')})`
  const changed = unit === 'groups' ? `${numChanged} changed${columns}, ` : ''
  const summary = `${comparison.function}: ${total} ${unit}: ${numEqual} equal, ${changed}${numAdded} added, ${numRemoved} removed`
  const shown = differences.slice(0, most).map((difference) => `  ${differenceText(difference)}`)
  const rest = differences.length - shown.length
  return [
    summary,
    ...shown,
    ...(rest > 0 ? [`  and ${rest} more: --max ${differences.length} shows them, --json too`] : []),
    ...countText('late rows', comparison.late),
    ...countText('dead letters', comparison.deadLetters),
  ]
}

const countText = (what: string, { before, after }: TableComparison['late']): readonly string[] =>
  before === after ? [] : [`  ${what}: ${before} before, ${after} after`]

function differenceText(difference: Difference): string {
  if (difference.kind === 'changed') {
    const columns = Object.entries(difference.columns).map(
      ([name, { before, after }]) => `${name} ${valueText(before)} -> ${valueText(after)}`,
    )
    return `~ ${rowText(difference.key)}: ${columns.join(', ')}`
  }
  const { kind, row, count } = difference
  return `${kind === 'added' ? '+' : '-'} ${rowText(row)}${count === 1 ? '' : ` (${count} times)`}`
}

const rowText = (row: JsonRow): string =>
  Object.entries(row)
    .map(([name, value]) => (isWindow(value) ? windowText(value) : `${name} ${valueText(value)}`))
    .join(' ')

const valueText = (value: unknown): string => (value === undefined ? 'none' : (JSON.stringify(value) ?? String(value)))

interface Window {
  readonly start: number
  readonly end: number
}

const isWindow = (value: unknown): value is Window =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).join() === 'start,end' &&
  Object.values(value).every((time) => typeof time === 'number' && Math.abs(time) <= 8.64e15)

/** The form that tables print. */
const windowText = ({ start, end }: Window): string => `{${timeText(start)}, ${timeText(end)}}`

const timeText = (epochMs: number): string =>
  new Date(epochMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.?0*Z$/, '')
