import { describe, expect, test } from 'vitest'
import { foreachBatch } from '../../lib/index.ts'
import { checkSink, type FoundRow, type SinkPlace } from '../../lib/testing/index.ts'

/** A table by ids, whose sink decides what becomes of a row that is there. */
const table = (isKept: (kept: FoundRow | undefined, row: FoundRow) => boolean) => async (): Promise<SinkPlace> => {
  const rows = new Map<string, FoundRow>()
  return {
    sink: (gate) =>
      foreachBatch<object>((_, batch) =>
        gate(async () => {
          for (const { id, version = 0, row } of batch.rows) {
            const found = { id, version: batch.outputMode === 'complete' ? (batch.batchId ?? 0) : version, row }
            if (!isKept(rows.get(id), found)) rows.set(id, found)
          }
        }),
      ),
    read: async () => [...rows.values()],
  }
}

describe('checkSink', () => {
  test('passes a table that refuses older versions, and counts kills and repeats', async () => {
    const findings = await checkSink(table((kept, row) => (kept?.version ?? -1) > (row.version ?? 0)))
    expect(findings.map(({ mode, rows, repeats }) => [mode, rows, repeats])).toEqual([
      ['rows', 14, 0],
      ['append', 12, 0],
      ['update', 4, 0],
      ['complete', 4, 0],
    ])
    for (const { kills } of findings) expect(kills).toBeGreaterThan(10)
  })

  test('finds a table that takes an older version over a newer one', async () => {
    await expect(checkSink(table(() => false))).rejects.toMatchObject({
      code: 'LAW_BROKEN',
      message: expect.stringMatching(/checkSink: update, killed paused call \d+: of 4 rows .* lacks .*and has /),
    })
  })

  test('finds a table that keeps the first row of an id', async () => {
    const first = table((kept) => kept !== undefined)
    await expect(checkSink(first, { modes: ['rows', 'append'] })).resolves.toHaveLength(2)
    await expect(checkSink(first, { modes: ['update'] })).rejects.toMatchObject({ code: 'LAW_BROKEN' })
  })

  test('finds a sink that does not wait for its rows', async () => {
    const hasty = async (): Promise<SinkPlace> => {
      const found: FoundRow[] = []
      return {
        sink: (gate) => foreachBatch<object>((_, { rows }) => void gate(async () => found.push(...rows))),
        read: async () => found,
      }
    }
    await expect(checkSink(hasty, { modes: ['rows'] })).rejects.toThrow('resolved while 1 of its calls were under way')
  })

  test('leaves out a mode that the sink does not take', async () => {
    const appending = async (): Promise<SinkPlace> => {
      const found: FoundRow[] = []
      const { write, ...sink } = foreachBatch<object>((_, { rows }) => void found.push(...rows))
      return {
        sink: (gate) => ({ ...sink, outputModes: ['append'], write: (batch) => gate(() => write(batch)) }),
        read: async () => found,
      }
    }
    expect((await checkSink(appending, { deaths: ['after'] })).map(({ mode }) => mode)).toEqual(['rows', 'append'])
  })
})
