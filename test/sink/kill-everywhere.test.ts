import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { describe, test } from 'vitest'
import { fileSink, foreach, foreachBatch, memorySink, type SinkBatch } from '../../lib/index.ts'
import type { FileFormat } from '../../lib/sink/files/file-format.ts'
import { parquet } from '../../lib/sink/files/parquet.ts'
import { s3Sink } from '../../lib/sink/files/s3.ts'
import { checkSink, type FoundRow, type Gate } from '../../lib/testing/index.ts'
import { expectMeasured } from './measured.ts'
import { readRow } from './read-row.ts'

const versionIn = ({ outputMode, batchId = 0 }: SinkBatch<object>, version = 0): number =>
  outputMode === 'complete' ? batchId : version

describe('killed before, after and paused at every call, a reader by ids has the batch result', () => {
  test('of foreachBatch', async () => {
    const place = async () => {
      const { found, sink } = inMemory()
      return { sink, read: async () => found }
    }
    expectMeasured('foreachBatch', await checkSink(place))
  })

  test('of foreachBatch that keeps the keys of its batches, in one call with their rows', async () => {
    const findings = await checkSink(async () => {
      const batches = new Map<string, readonly FoundRow[]>()
      return {
        sink: (gate) =>
          foreachBatch<object>((_, batch) =>
            gate(async () => {
              if (batches.has(batch.key)) return
              const rows = batch.rows.map(({ id, version, row }) => ({ id, version: versionIn(batch, version), row }))
              batches.set(batch.key, rows)
            }),
          ),
        read: async () => [...batches.values()].flat(),
      }
    })
    expectMeasured('foreachBatch, by batch.key', findings)
  })

  test('of foreach, a call for each row', async () => {
    const findings = await checkSink(async () => {
      const found: FoundRow[] = []
      return {
        sink(gate) {
          let versionOf = (version?: number): number => version ?? 0
          return foreach<object>({
            open(batch) {
              versionOf = (version) => versionIn(batch, version)
              return true
            },
            process: (row, { id, version }) =>
              gate(async () => void found.push({ id, version: versionOf(version), row })),
          })
        },
        read: async () => found,
      }
    })
    expectMeasured('foreach', findings)
  })

  test('of the memory sink, in its table', async () => {
    const findings = await checkSink(async () => {
      const table = memorySink<object>()
      return {
        sink: (gate) => ({ ...table, write: (batch) => gate(() => table.write(batch)) }),
        read: async () => Array.from(table.byId.values(), ({ id, row }) => ({ id, row })),
      }
    })
    expectMeasured('memorySink', findings)
  })

  test('of files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'microbatch-killed-'))
    try {
      const findings = await checkSink(async (run) => {
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
      expectMeasured('fileSink', findings)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('of objects of NDJSON', async () => {
    expectMeasured('s3Sink', await checkSink(inBucket()))
  })

  test('of objects of Parquet', async () => {
    expectMeasured('s3Sink, parquet', await checkSink(inBucket(parquet())))
  })

  test('of both sinks of one query, also where it died between them', async () => {
    for (const i of [0, 1]) {
      const findings = await checkSink(async () => {
        const places = [inMemory(), inMemory()]
        return {
          sink: (gate) => places.map(({ sink }) => sink(gate)),
          read: async () => places[i]?.found ?? [],
        }
      })
      expectMeasured(i === 0 ? 'the first of two' : 'the second of two', findings)
    }
  })
})

function inMemory() {
  const found: FoundRow[] = []
  const sink = (gate: Gate) =>
    foreachBatch<object>((_, batch) =>
      gate(async () => {
        for (const { id, version, row } of batch.rows) found.push({ id, version: versionIn(batch, version), row })
      }),
    )
  return { found, sink }
}

/** A bucket in memory: what a client is asked to put there, under its key. */
const inBucket = (format?: FileFormat) => async () => {
  const objects = new Map<string, Uint8Array>()
  return {
    sink(gate: Gate) {
      const client = {
        send: (command: never): Promise<unknown> =>
          gate(async () => {
            const { Key, Body }: { Key: string; Body: Uint8Array } = Reflect.get(command, 'input')
            objects.set(Key, Body)
          }),
      }
      return s3Sink({ bucket: 'rows', client, ...(format && { format }) })
    },
    async read(): Promise<readonly FoundRow[]> {
      const all = await Promise.all(Array.from(objects.values(), format === undefined ? linesOf : rowsOf))
      return all.flat()
    },
  }
}

const linesOf = async (bytes: Uint8Array): Promise<readonly FoundRow[]> =>
  Buffer.from(bytes).toString().trimEnd().split('\n').map(readRow)

async function rowsOf(bytes: Uint8Array): Promise<readonly FoundRow[]> {
  const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer })
  return rows.map((row) => readRow(JSON.stringify(plain(row))))
}

/** Longs and times as a query's rows have them. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}
