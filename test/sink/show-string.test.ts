import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { double, long, string, struct } from '../../lib/decode/schema.ts'
import { consoleSink } from '../../lib/sink/console.ts'
import { showString } from '../../lib/sink/show-string.ts'

const { columns } = struct({ symbol: string(), price: double(), volume: long(), timestamp: long() })

interface GoldenRow {
  readonly symbol: string | null
  readonly price: number | string | null
  readonly volume: number | null
  readonly timestamp: number | null
}

/** Volumes of 64 bits are kept exact by reading them as BigInt; doubles that JSON cannot say are strings in the files. */
function goldenBatches(name: string): readonly { batchId: number; rows: readonly object[] }[] {
  const exact = (_: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{16,}$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value
  const golden = JSON.parse(readFileSync(`test/golden/${name}.json`, 'utf8'), exact)
  const phases: { batchId: number; rows: GoldenRow[] }[][] = golden.expected.rows
  return phases.flat().map(({ batchId, rows }) => ({
    batchId,
    rows: rows.map((row) => ({ ...row, price: typeof row.price === 'string' ? Number(row.price) : row.price })),
  }))
}

describe('the console sink prints what Spark printed', () => {
  const names = ['nulls-and-tombstones', 'numbers', 'per-symbol', 'seed-basic']
  test.each(
    names.flatMap(
      (name) =>
        [
          [name, true, ''],
          [name, false, '.full'],
        ] as const,
    ),
  )('%s, truncate=%s', async (name, truncate, suffix) => {
    const printed: string[] = []
    const sink = consoleSink({ truncate, showQuery: false, write: (text) => printed.push(`${text}\n`) })
    // Spark runs batch 0 on the topic while it is empty.
    const batches = [{ batchId: 0, rows: [] }, ...goldenBatches(name)]
    for (const { batchId, rows } of batches) {
      const emitted = rows.map((row, i) => ({ row, id: String(i) }))
      await sink.write({ query: name, key: '', number: batchId, outputMode: 'append', columns, rows: emitted })
    }
    expect(printed.join('')).toBe(readFileSync(`test/golden/console/${name}.rows${suffix}.txt`, 'utf8'))
  })
})

const show = (cells: readonly unknown[], options: object = {}): string =>
  showString(
    cells.map((c) => ({ c })),
    { ...struct({ c: string() }), ...options },
  )

test('a cell over 20 characters ends in dots, the header never does', () => {
  expect(show(['x'.repeat(20), 'y'.repeat(21)])).toContain(`|${'y'.repeat(17)}...|`)
  const header = 'h'.repeat(30)
  expect(showString([], { columns: new Map([[header, string()]]) })).toContain(`|${header}|`)
})

test('under four characters there is no room for dots', () => {
  expect(show(['abcdef'], { truncate: 3 })).toContain('|abc|')
  expect(show(['abcdef'], { truncate: 4 })).toContain('|a...|')
})

test('full-width characters take two columns', () => {
  expect(show(['株価', 'ab'])).toBe('+----+\n|   c|\n+----+\n|株価|\n|  ab|\n+----+\n')
})

test('more rows than asked for are announced, one of them in the singular', () => {
  expect(show(['a', 'b', 'c'], { numRows: 2 })).toMatch(/\+\nonly showing top 2 rows\n$/)
  expect(show(['a', 'b'], { numRows: 1 })).toMatch(/\+\nonly showing top 1 row\n$/)
})

test('a cell is escaped before it is cut, as in Spark, so a control character cannot slip through', () => {
  expect(show([`${'x'.repeat(16)}\u001b[31m`])).toContain(`|${'x'.repeat(16)}\\...|`)
})

describe('one long text from a record does not make the table of a batch one of megabytes', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ symbol: i === 500 ? '株'.repeat(16_384) : 'AAPL', price: 1 }))
  const { columns } = struct({ symbol: string(), price: double() })
  const shown = (options: object) => showString(rows, { columns, numRows: 10_000, ...options })
  test.each([true, false, 0])('truncate: %s', (truncate) => {
    expect(shown({ truncate }).length).toBeLessThan(1_200_000)
  })
  test('the cell is cut as Spark cuts one, and those of an ordinary length are whole', () => {
    expect(shown({ truncate: false })).toContain(`|${'株'.repeat(509)}...|1.0  |\n`)
    expect(show(['x'.repeat(512), 'y'.repeat(513)], { truncate: false })).toContain(
      `|${'x'.repeat(512)}|\n|${'y'.repeat(509)}...|\n`,
    )
  })
  test('another bound may be set, also none, which is what Spark has', () => {
    expect(show(['x'.repeat(30)], { truncate: false, maxCellLength: 10 })).toContain('|xxxxxxx...|')
    expect(shown({ truncate: false, maxCellLength: Number.POSITIVE_INFINITY })).toContain(`|${'株'.repeat(16_384)}|`)
    expect(show(['x'.repeat(30)], { truncate: 25, maxCellLength: 10 })).toContain(`|${'x'.repeat(22)}...|`)
  })
})
