import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { deadLettersTo, fileSink, json, kafkaHandler, ndjson, type Sink, stream } from '../../../lib/index.ts'
import { aBar, aBatch, Bar } from '../batches.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const rows = [
  { id: 'ticks-0-15', row: aBar('AAPL') },
  { id: 'ticks-0-16', row: aBar('MSFT') },
]
const paths = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort()
const read = (path: string | undefined) => readFileSync(join(folder, path ?? ''), 'utf8')

describe('the file sink', () => {
  test('writes a file of NDJSON for a batch, named after its offsets, with the ids of the rows, for its owner alone', async () => {
    await fileSink({ folder }).write(aBatch(rows))
    expect(paths()).toEqual([expect.stringMatching(/^bars\/ticks-0\.15-18-[0-9a-f]{24}\.ndjson$/)])
    expect(read(paths()[0])).toBe(
      '{"symbol":"AAPL","high":1,"volume":100,"_id":"ticks-0-15"}\n{"symbol":"MSFT","high":1,"volume":100,"_id":"ticks-0-16"}\n',
    )
    expect(statSync(join(folder, paths()[0] ?? '')).mode & 0o777).toBe(0o600)
  })

  test('writes the same file over when a batch comes again, and never over the rows of another', async () => {
    const sink = fileSink({ folder })
    await sink.write(aBatch(rows))
    await sink.write(aBatch(rows))
    expect(paths()).toHaveLength(1)
    // The first try had closed these groups already: what comes again has others.
    await sink.write(aBatch([{ id: 'ticks-0-17', row: aBar('IBM') }]))
    expect(paths()).toHaveLength(2)
  })

  test('keeps the files of workers apart, which are in one process and share nothing', async () => {
    const workers: Sink<object>[] = []
    for (let worker = 0; worker < 4; worker += 1) {
      vi.resetModules()
      const { fileSink: own } = await import('../../../lib/sink/files/file-sink.ts')
      workers.push(own({ folder }))
    }
    const batches = Array.from({ length: 40 }, (_, i) => `ticks-${i}:0-1`)
    const row = (key: string) => ({ id: key, row: aBar(key.repeat(2000)) })
    await Promise.all(batches.map((key, i) => workers[i % 4]?.write(aBatch([row(key)], { key }))))
    const found = paths().map((path) => JSON.parse(read(path))._id)
    expect(found.sort()).toEqual(batches.sort())
  })

  test('writes nothing for a batch without rows', async () => {
    await fileSink({ folder }).write(aBatch([]))
    expect(paths()).toEqual([])
  })

  test('has a folder for each value of a column, in the names of Hive', async () => {
    const odd = [...rows, { id: 'x', row: aBar('A/../B=1') }, { id: 'y', row: aBar('..') }, { id: 'z', row: aBar('') }]
    await fileSink({ folder, partitionBy: ['symbol'], idColumn: null }).write(aBatch(odd))
    expect(paths().map((path) => path.split('/').at(-2))).toEqual([
      'symbol=%2E%2E',
      'symbol=A%2F..%2FB%3D1',
      'symbol=AAPL',
      'symbol=MSFT',
      'symbol=__HIVE_DEFAULT_PARTITION__',
    ])
    expect(read(paths()[2])).toBe('{"high":1,"volume":100}\n')
  })

  test('has the version of a row in update mode, and compresses where it is told to', async () => {
    const sink = fileSink({ folder, format: ndjson({ gzip: true }) })
    await sink.write(aBatch([{ id: 'AAPL', version: 7, row: aBar('AAPL') }], { outputMode: 'update' }))
    const [path = ''] = paths()
    expect(path).toMatch(/\.ndjson\.gz$/)
    expect(gunzipSync(readFileSync(join(folder, path))).toString()).toContain('"_id":"AAPL","_version":7')
  })

  test('says which file cannot be written, and which column is taken', async () => {
    writeFileSync(join(folder, 'bars'), 'a file in the way')
    await expect(fileSink({ folder }).write(aBatch(rows))).rejects.toThrow(/bars\/ticks-0.* cannot be written/)
    await expect(fileSink({ folder, idColumn: 'symbol' }).write(aBatch(rows))).rejects.toThrow(/another idColumn/)
    await expect(fileSink({ folder, partitionBy: ['day'] }).write(aBatch(rows))).rejects.toThrow(
      'partitionBy names day, and the rows have symbol, high, volume',
    )
  })

  test('is refused for complete mode when the query is built, and by a handler on Lambda', async () => {
    const complete = () =>
      stream('q')
        .rows(Bar)
        .groupBy('symbol')
        .count()
        .writeStream({ outputMode: 'complete', sinks: [fileSink({ folder })] })
    expect(complete).toThrow('q: Data source json does not support Complete output mode.')
    const query = stream('q')
      .readKafka({ topic: 't' })
      .decode(json(Bar))
      .writeStream({ sinks: [fileSink({ folder })] })
    const handler = kafkaHandler(query, { deadLetters: { send: async () => undefined } })
    await expect(handler({}, { invokedFunctionArn: 'arn:aws:lambda:x' })).rejects.toThrow(
      /rows of the sink json would be lost/,
    )
  })

  test('takes dead letters', async () => {
    const query = stream('q')
      .readKafka({ topic: 't' })
      .decode(json(Bar))
      .writeStream({ sinks: [fileSink({ folder: join(folder, 'rows') })] })
    const handler = kafkaHandler(query, {
      deadLetters: deadLettersTo(fileSink({ folder: join(folder, 'bad') })),
      log: () => undefined,
    })
    const record = {
      topic: 't',
      partition: 0,
      offset: 4,
      timestamp: 1,
      timestampType: 'CREATE_TIME',
      value: 'YQ==',
      headers: [],
    }
    await handler({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092', records: { 't-0': [record] } })
    expect(paths()).toHaveLength(1)
    expect(JSON.parse(read(paths()[0]))).toMatchObject({ id: 't-0-4', reason: 'NOT_JSON', value: 'YQ==', topic: 't' })
  })
})
