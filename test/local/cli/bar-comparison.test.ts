import { expect, test } from 'vitest'
import { type Bars, barKey, compareBars, report } from '../../../local/cli/bar-comparison.ts'
import type { PrintedRow } from '../../../local/cli/printed-tables.ts'

const at = (second: number) => `{2026-01-05 14:30:${String(second).padStart(2, '0')}, …}`
const bar = (second: number, symbol: string, ticks: number, close: string): PrintedRow =>
  new Map([
    ['window', at(second)],
    ['symbol', symbol],
    ['ticks', String(ticks)],
    ['close', close],
  ])
const bars = (...rows: PrintedRow[]): Bars => new Map(rows.map((row) => [barKey(row) ?? '', row]))
const nothing = { open: new Set<string>(), lostUpTo: undefined }

test('equal bars are counted, each bar that differs or is missing has a line', () => {
  const comparison = compareBars({
    ...nothing,
    printed: bars(bar(0, 'AAPL', 3, '150.5'), bar(0, 'MSFT', 2, '300.0'), bar(3, 'TSLA', 1, '1.0')),
    computed: bars(bar(0, 'AAPL', 3, '150.5'), bar(0, 'MSFT', 3, '300.25'), bar(3, 'AAPL', 1, '150.75')),
  })
  expect(report(comparison)).toEqual([
    'window                    symbol  printed               topic',
    `${at(3)}  AAPL    none                  ticks 1, close 150.75`,
    `${at(0)}  MSFT    ticks 2, close 300.0  ticks 3, close 300.25`,
    `${at(3)}  TSLA    ticks 1, close 1.0    none`,
    '4 bars compared, 1 equal, 2 differ, 1 missing',
  ])
})

test('a bar with ticks that were not delivered is not compared, whatever was printed of it', () => {
  const open = new Set([barKey(bar(3, 'AAPL', 0, '')) ?? ''])
  const computed = bars(bar(0, 'AAPL', 3, '1.0'), bar(3, 'AAPL', 1, '1.0'))
  const comparison = compareBars({ ...nothing, open, computed, printed: bars(bar(0, 'AAPL', 3, '1.0')) })
  expect(report(comparison)).toEqual([
    '1 bars compared, 1 equal, 0 differ, 0 missing; 1 not compared: ticks of them are not delivered yet',
  ])
})

test('bars that the topic has lost records of are not compared', () => {
  const printed = bars(bar(0, 'AAPL', 3, '1.0'), bar(3, 'AAPL', 3, '1.0'), bar(6, 'AAPL', 3, '1.0'))
  const computed = bars(bar(3, 'AAPL', 1, '1.0'), bar(6, 'AAPL', 3, '1.0'))
  expect(report(compareBars({ ...nothing, printed, computed, lostUpTo: at(3) }))).toEqual([
    '1 bars compared, 1 equal, 0 differ, 0 missing; 2 not compared: the topic has lost ticks of them',
  ])
})

test('a row of another table is no bar', () => {
  expect(barKey(new Map([['symbol', 'AAPL']]))).toBeUndefined()
})
