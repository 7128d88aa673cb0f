import { describe, expect, test } from 'vitest'
import { json } from '../../lib/decode/json.ts'
import type { Column } from '../../lib/decode/schema.ts'
import { showString } from '../../lib/sink/show-string.ts'
import { aRecord } from '../builders.ts'
import { type GoldenRow, golden, schemaOf } from '../golden2.ts'

/** What the plan of show-many selects. */
const renamed: Readonly<Record<string, string>> = { id: 'a column name longer than twenty characters' }

describe('tables are those of Spark 3.5.3, to the letter', () => {
  test.each(['show-binary-text', 'show-many', 'show-nested'])('%s', (name) => {
    const file = golden(name)
    const codec = json(schemaOf(file.schema), { malformed: 'null' })
    const isMany = name === 'show-many'
    const columns = new Map<string, Column<unknown>>(
      Array.from(codec.schema.columns)
        .filter(([column]) => !isMany || column !== 'ts')
        .map(([column, type]) => [renamed[column] ?? column, type]),
    )
    const append = file.expected.append
    if (append === undefined || 'error' in append) throw new Error('no tables')
    file.batches.forEach(({ input }, phase) => {
      const rows = input.map(({ value }): GoldenRow => {
        const decoded = codec.decode(aRecord({ value }))
        if (decoded.kind !== 'row') throw new Error(decoded.detail)
        return Object.fromEntries(
          Object.entries(decoded.row as GoldenRow).map(([column, field]) => [renamed[column] ?? column, field]),
        )
      })
      const shows = file.shows?.map(({ n, truncate, vertical }) =>
        showString(rows, { columns, numRows: n, truncate, vertical }),
      )
      expect(shows).toEqual(append[phase]?.[0]?.shows)
    })
  })
  test('a vertical table of no row says so', () => {
    expect(showString([], { columns: schemaOf('a INT').columns, vertical: true })).toBe('(0 rows)\n')
  })
})
