import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileSink, memorySink, type Sink } from '../../lib/index.ts'
import { rowJson } from '../../lib/sink/rows/row-json.ts'
import { type Findings, killEverywhere, type Mode, type ReadRow, readRow } from './kill-everywhere.ts'

describe('a sink that appends, killed before and after every call', () => {
  test.each<readonly [Mode, Findings]>([
    ['rows', { runs: 9, rows: 14, repeats: 14 }],
    ['append', { runs: 61, rows: 12, repeats: 24 }],
    ['update', { runs: 37, rows: 4, repeats: 4 }],
  ])('has the batch result for a keyed reader: %s', async (mode, measured) => {
    const findings = await killEverywhere(mode, async () => {
      const read: ReadRow[] = []
      return {
        sink: (gate) => {
          const { write } = memorySink<object>()
          return {
            description: 'appends',
            write: (batch) =>
              gate(async () => {
                const text = rowJson(batch.columns)
                for (const { id, version = 0, row } of batch.rows) read.push({ id, version, text: text(row) })
                await write(batch)
              }),
          } satisfies Sink<object>
        },
        read: async () => read,
      }
    })
    // What a reader without keys has too many, in all runs together.
    expect(findings).toEqual(measured)
  })

  test.each<readonly [Mode, Findings]>([
    ['rows', { runs: 9, rows: 14, repeats: 4 }],
    ['append', { runs: 61, rows: 12, repeats: 8 }],
    ['update', { runs: 37, rows: 4, repeats: 3 }],
  ])('files have a row twice only where what came again was cut otherwise: %s', async (mode, measured) => {
    const folder = mkdtempSync(join(tmpdir(), 'microbatch-killed-'))
    try {
      const findings = await killEverywhere(mode, async (run) => {
        const own = join(folder, String(run))
        return {
          sink(gate) {
            const sink = fileSink({ folder: own })
            return { ...sink, write: (batch) => gate(() => sink.write(batch)) }
          },
          async read() {
            const files = readdirSync(own, { recursive: true, encoding: 'utf8' }).filter((path) =>
              path.endsWith('json'),
            )
            return files.flatMap((path) => readFileSync(join(own, path), 'utf8').trimEnd().split('\n').map(readRow))
          },
        }
      })
      expect(findings).toEqual(measured)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
