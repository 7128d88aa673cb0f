import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import type { SinkBatch } from '../../../lib/index.ts'
import { ndjson, stream, string, struct, timestamp, window } from '../../../lib/index.ts'
import { batchFiles } from '../../../lib/sink/files/batch-files.ts'
import { parquet } from '../../../lib/sink/files/parquet.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { aBatch } from '../batches.ts'
import { Every, emptyRow, fullRow } from '../every-column.ts'

async function encoded(batch: SinkBatch<object>): Promise<ArrayBuffer> {
  const format = parquet()
  const options = { format, partitionBy: [], idColumn: '_id', versionColumn: '_version' }
  const [file] = batchFiles(batch, options)
  if (file === undefined) throw new Error('no file')
  const bytes = await format.encode(file.columns, file.rows)
  return new Uint8Array(bytes).buffer
}

const every = aBatch<object>(
  [
    { id: 'full', row: fullRow },
    { id: 'empty', row: emptyRow },
  ],
  { columns: Every.columns },
)

describe('a file of Parquet', () => {
  test('is read back with the values of every type of column', async () => {
    const file = await encoded(every)
    const [full, empty] = await parquetReadObjects({ file })
    expect(full).toMatchObject({
      text: fullRow.text,
      price: 0.1,
      ratio: 1.5,
      volume: 9_007_199_254_740_991n,
      count: -2_147_483_648,
      small: -32_768,
      tiny: 127,
      big: 9_223_372_036_854_775_807n,
      isOpen: true,
      at: new Date(1_700_000_000_123),
      day: new Date('1969-12-31'),
      tags: ['a', null, ''],
      levels: { bid: 1.25, ask: 1e300 },
      venue: {
        name: 'XNAS',
        mics: [
          { code: 'X', since: new Date('2020-02-29') },
          { code: 'Y', since: null },
        ],
      },
      _id: 'full',
    })
    expect(empty).toMatchObject({ ratio: null, large: null, day: null, tags: [], levels: {}, text: '' })
    expect(empty?.venue ?? null).toBeNull()
    expect(empty?.at).toEqual(new Date('0001-01-01'))
  })

  test('has the types that Spark writes', async () => {
    const { schema } = parquetMetadata(await encoded(every))
    const of = (name: string) => schema.find((element) => element.name === name)
    expect(of('amount')).toMatchObject({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 9, precision: 20, scale: 2 })
    expect(of('large')).toMatchObject({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, precision: 38, scale: 10 })
    expect(of('at')).toMatchObject({ type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true } })
    expect(of('local')).toMatchObject({ type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false } })
    expect(of('local')).not.toHaveProperty('converted_type', 'TIMESTAMP_MILLIS')
    expect(of('levels')).toMatchObject({ converted_type: 'MAP' })
    expect(of('tags')).toMatchObject({ converted_type: 'LIST' })
  })

  test('has windows as two times, and columns of functions as text', async () => {
    const files: ArrayBuffer[] = []
    const query = stream('q')
      .rows(struct({ at: timestamp(), symbol: string() }))
      .withWatermark('at', '0 seconds')
      .groupBy(window('at', '10 seconds'))
      .count()
      .withColumn('more', ({ count }) => ({ count }))
      .writeStream({
        outputMode: 'update',
        sinks: [{ description: 'files', write: async (batch) => void files.push(await encoded(batch)) }],
      })
    await testDriver(query).addRows([{ at: 1, symbol: 'A' }])
    const [file] = files
    if (file === undefined) throw new Error('no file')
    expect(await parquetReadObjects({ file })).toMatchObject([
      {
        window: { start: new Date(0), end: new Date(10_000) },
        count: 1n,
        more: '{"count":1}',
        _version: expect.anything(),
      },
    ])
  })

  test('is about a tenth of what NDJSON is, for rows that are alike', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({ id: `ticks-0-${i}`, row: { ...fullRow, count: i } }))
    const batch = aBatch<object>(rows, { columns: Every.columns })
    const [file] = batchFiles(batch, { format: ndjson(), partitionBy: [], idColumn: '_id', versionColumn: '' })
    const text = await ndjson().encode(file?.columns ?? [], file?.rows ?? [])
    expect((await encoded(batch)).byteLength).toBeLessThan(text.length / 8)
  })
})
