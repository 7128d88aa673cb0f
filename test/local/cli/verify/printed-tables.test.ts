import { expect, test } from 'vitest'
import { windowColumn } from '../../../../lib/decode/schema.ts'
import { consoleSink, double, int, type OutputColumns, showString, string, struct } from '../../../../lib/index.ts'
import { tableReader } from '../../../../local/cli/verify/printed-tables.ts'

function rowsOf(text: string): Record<string, string>[] {
  const rows: Record<string, string>[] = []
  const read = tableReader({ row: (row) => rows.push(Object.fromEntries(row)) })
  for (const line of text.split('\n')) read(line)
  return rows
}

const bars: OutputColumns = new Map([
  ['window', windowColumn()],
  ['symbol', string()],
  ['close', double()],
])
const bar = (symbol: string, close: number) => ({ window: { start: 15_000, end: 18_000 }, symbol, close })
const printed = (...rows: ReturnType<typeof bar>[]) => showString(rows, { columns: bars, truncate: false })
const window = '{1970-01-01 00:00:15, 1970-01-01 00:00:18}'

test('the rows of each table come with their columns, whatever stands between the tables', async () => {
  const blocks: string[] = []
  const sink = consoleSink({ truncate: false, write: (text) => blocks.push(text) })
  const rows = [bar('AAPL', 150.5), bar('MSFT', 1e7)].map((row, i) => ({ row, id: `${i}` }))
  await sink.write({ query: 'bars', key: 't-0:0-1', number: 0, outputMode: 'update', columns: bars, rows })
  await sink.write({ query: 'bars', key: 't-0:0-1', number: 1, outputMode: 'update', columns: bars, rows: [] })
  const other = showString([{ symbol: 'AAPL' }], struct({ symbol: string() }))
  expect(rowsOf(`${blocks.join('\n')}\nsome words | of a handler\n${other}`)).toEqual([
    { window, symbol: 'AAPL', close: '150.5' },
    { window, symbol: 'MSFT', close: '1.0E7' },
    { symbol: 'AAPL' },
  ])
})

test('a table cut off anywhere gives its whole rows, and the next table is read as if nothing had been', () => {
  const text = printed(bar('AAPL', 150.5), bar('MSFT', 300.25))
  const lines = text.split('\n')
  for (let cut = 0; cut <= text.length; cut += 1) {
    const rows = rowsOf(`${text.slice(0, cut)}\n${'-'.repeat(43)}\nBatch: 7\n${'-'.repeat(43)}\n${text}`)
    const whole = [3, 4].filter((row) => cut >= lines.slice(0, row + 1).join('\n').length).length
    const close = (rows: Record<string, string>[]) => rows.map((row) => row.close)
    expect(close(rows), `cut at ${cut}`).toEqual([...['150.5', '300.25'].slice(0, whole), '150.5', '300.25'])
  }
})

test('a row whose cell holds a bar of its own is not guessed at', () => {
  expect(rowsOf(printed(bar('A|B', 1), bar('AAPL', 2)))).toEqual([{ window, symbol: 'AAPL', close: '2.0' }])
})

test('where a table begins, and that it does not show all of its rows, is told', () => {
  const told: string[] = []
  const read = tableReader({
    header: (columns) => told.push(columns.join()),
    row: (row) => told.push([...row.values()].join()),
    cut: () => told.push('cut'),
  })
  const { columns } = struct({ n: int() })
  const text = showString([{ n: 1 }, { n: 2 }], { columns, numRows: 1 }) + showString([{ n: 3 }], { columns })
  for (const line of text.split('\n')) read(line)
  expect(told).toEqual(['n', '1', 'cut', 'n', '3'])
})
