import { expect, test } from 'vitest'
import { consoleSink, long, string, struct } from '../../../../lib/index.ts'
import { tableReader } from '../../../../mapping/page/view/printed-tables.ts'

/** What the console sink prints for rows, line by line. */
async function printed(rows: readonly { symbol: string; ticks: number }[], options = {}): Promise<readonly string[]> {
  let text = ''
  const sink = consoleSink({ ...options, write: (block) => (text += `${block}\n`) })
  const columns = struct({ symbol: string(), ticks: long() }).columns
  const located = rows.map((row) => ({ row, id: row.symbol }))
  await sink.write({ query: 'bars', number: 7, columns, rows: located } as unknown as Parameters<typeof sink.write>[0])
  return text.split('\n')
}

test('a table of the console sink is found among what else is printed', async () => {
  const read = tableReader('consumer')
  const lines = ['hello', '{"level":"INFO"}', ...(await printed([{ symbol: 'AAPL', ticks: 3 }])), 'bye']
  const tables = lines.flatMap((line) => read(line) ?? [])
  expect(tables).toEqual([
    {
      query: 'bars',
      batch: 7,
      cutLines: 0,
      text: '+------+-----+\n|symbol|ticks|\n+------+-----+\n|  AAPL|    3|\n+------+-----+',
    },
  ])
})

test('a long one is cut, and says by how many lines; one without a name has that of its function', async () => {
  const read = tableReader('consumer')
  const rows = Array.from({ length: 300 }, (_, index) => ({ symbol: `S${index}`, ticks: index }))
  const lines = await printed(rows, { numRows: 1_000, showQuery: false })
  const [table] = lines.flatMap((line) => read(line) ?? [])
  expect(table).toMatchObject({ query: 'consumer', batch: 7, cutLines: 104 })
  expect(table?.text.split('\n')).toHaveLength(200)
})

test('a header without a table is none', () => {
  const read = tableReader('bars')
  expect(['Batch: 7 (bars)', '', 'Batch: 8', 'words'].flatMap((line) => read(line) ?? [])).toEqual([])
})
