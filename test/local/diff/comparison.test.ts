import { expect, test } from 'vitest'
import { compareTables, isSame } from '../../../local/diff/comparison.ts'
import { outputTables, sortedRows } from '../../../local/diff/output-tables.ts'
import { diffReport } from '../../../local/diff/report.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

const at = 1_767_623_400_000
const window = (n: number) => ({ start: at + n * 3_000, end: at + (n + 1) * 3_000 })
const bar = (n: number, symbol: string, more: object = {}) => ({
  window: window(n),
  symbol,
  ticks: 3,
  vwap: 1.5,
  ...more,
})

function tableOf(batches: readonly Rows[], { outputMode = 'update', grouped = true, returned = {} } = {}) {
  const outputs = outputTables()
  const columns = ['window', 'symbol', 'ticks', 'vwap']
  const groupedBy = grouped ? ['window', 'symbol'] : null
  outputs.know([{ function: 'bars', name: 'bars', outputMode, columns, groupedBy }])
  for (const rows of batches) outputs.add('bars', rows, returned)
  const table = outputs.tables().get('bars')
  if (table === undefined) throw new Error('no table')
  return table
}

test('of an aggregation the last row of each group counts, however often it came', () => {
  const once = tableOf([[bar(0, 'AAPL'), bar(0, 'MSFT')]])
  const often = tableOf([
    [bar(0, 'MSFT', { ticks: 1 })],
    [bar(0, 'AAPL', { vwap: 0 }), bar(0, 'MSFT')],
    [bar(0, 'AAPL')],
  ])
  expect(isSame(compareTables(once, often))).toBe(true)
  expect(sortedRows(once)).toEqual(sortedRows(often))
})

test('in complete mode the last table counts, also where it is empty', () => {
  const complete = { outputMode: 'complete' }
  const table = tableOf([[bar(0, 'AAPL'), bar(0, 'MSFT')], [bar(1, 'AAPL')]], complete)
  expect(sortedRows(table)).toEqual([bar(1, 'AAPL')])
  expect(sortedRows(tableOf([[bar(0, 'AAPL')], []], complete))).toEqual([])
})

test('a changed column is named alone, with its values; groups that one side lacks are added or removed', () => {
  const before = tableOf([[bar(0, 'AAPL'), bar(0, 'MSFT'), bar(1, 'AAPL')]])
  const after = tableOf([[bar(0, 'AAPL', { vwap: 2 }), bar(0, 'MSFT'), bar(2, 'AAPL')]])
  const comparison = compareTables(before, after)
  expect(comparison).toMatchObject({ unit: 'groups', numEqual: 1, numChanged: 1, numAdded: 1, numRemoved: 1 })
  expect(comparison.changedColumns).toEqual(['vwap'])
  expect(diffReport(comparison, 20)).toEqual([
    'bars: 4 groups: 1 equal, 1 changed (vwap), 1 added, 1 removed',
    '  ~ {2026-01-05 14:30:00, 2026-01-05 14:30:03} symbol "AAPL": vwap 1.5 -> 2',
    '  - {2026-01-05 14:30:03, 2026-01-05 14:30:06} symbol "AAPL" ticks 3 vwap 1.5',
    '  + {2026-01-05 14:30:06, 2026-01-05 14:30:09} symbol "AAPL" ticks 3 vwap 1.5',
  ])
  expect(diffReport(comparison, 1)).toHaveLength(3)
  expect(diffReport(comparison, 1).at(-1)).toContain('and 2 more')
})

test('a column that one side lacks is changed in every group', () => {
  const before = tableOf([[bar(0, 'AAPL')]])
  const after = tableOf([[{ ...bar(0, 'AAPL'), spread: 1 }]])
  expect(compareTables(before, after)).toMatchObject({ changedColumns: ['spread'], numChanged: 1 })
  expect(diffReport(compareTables(before, after), 1)[1]).toContain('spread none -> 1')
})

test('rows without a group are compared by how often each came', () => {
  const rows = { grouped: false }
  const before = tableOf([[bar(0, 'AAPL')], [bar(0, 'AAPL'), bar(0, 'MSFT')]], rows)
  const after = tableOf([[bar(0, 'AAPL'), bar(1, 'MSFT')]], rows)
  const comparison = compareTables(before, after)
  expect(comparison).toMatchObject({ unit: 'rows', numEqual: 1, numAdded: 1, numRemoved: 2 })
  expect(diffReport(comparison, 20)[0]).toBe('bars: 4 rows: 1 equal, 1 added, 2 removed')
})

test('late rows and dead letters that differ in number are a difference that no row shows', () => {
  const returned = { numDeadLetters: 2, stateOperators: [{ numLateRows: 3 }] }
  const comparison = compareTables(tableOf([[bar(0, 'AAPL')]]), tableOf([[bar(0, 'AAPL')]], { returned }))
  expect(isSame(comparison)).toBe(false)
  expect(diffReport(comparison, 20).slice(1)).toEqual([
    '  late rows: 0 before, 3 after',
    '  dead letters: 0 before, 2 after',
  ])
})

test('functions whose rows are not known are named', () => {
  const outputs = outputTables()
  outputs.add('bars', [], undefined)
  outputs.know([{ function: 'tape', name: 'tape', outputMode: 'append', columns: [], groupedBy: null }])
  outputs.add('tape', undefined, undefined)
  expect(outputs.unknown()).toEqual(['bars', 'tape'])
})
