import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../lib/event/encode.ts'
import {
  consoleSink,
  count,
  decimal,
  double,
  json,
  long,
  max,
  min,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../lib/index.ts'
import { expectReplay } from '../../lib/testing/index.ts'
import { aRecord } from '../builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'microbatch-expect-'))
afterAll(() => rmSync(folder, { recursive: true }))

const Order = struct({ customer: string(), amount: long(), price: decimal(10, 2), time: timestamp(), weight: double() })
const orders = () => stream('totals').readKafka({ topic: 'orders' }).decode(json(Order))
const unwritten = () => {
  throw new Error('a sink was written')
}
const sinks = [consoleSink({ write: unwritten })]
const totals = (kind: 'max' | 'min' = 'max') =>
  orders()
    .withWatermark('time', '1 minute')
    .groupBy(window('time', '10 seconds'), 'customer')
    .agg({ orders: count(), total: sum('price'), high: kind === 'max' ? max('amount') : min('amount') })
    .writeStream({ outputMode: 'update', sinks })

const at = 1_767_623_400_000
const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const

/** Twelve orders of three customers, in batches of so many. */
function recording(name: string, size: number, functions: readonly string[] = ['totals']): string {
  const records = Array.from({ length: 12 }, (_, offset) =>
    aRecord({
      ...{ topic: 'orders', offset, timestamp: at + offset * 2_000 },
      value: JSON.stringify({
        customer: ['ada', 'bob', 'eve'][offset % 3],
        ...{ amount: offset * 10, price: 1.5, time: at + offset * 2_000, weight: 0.5 },
      }),
    }),
  )
  const lines: string[] = []
  for (let from = 0; from < records.length; from += size) {
    const event = encodeKafkaEvent(origin, records.slice(from, from + size))
    for (const key of functions) lines.push(JSON.stringify({ at: new Date(at).toISOString(), function: key, event }))
  }
  const path = join(folder, name)
  const text = `${lines.join('\n')}\n`
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

function golden(name: string, rows: readonly object[]): string {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return path
}

test('the rows in the end are the golden ones, however the records were cut into batches', async () => {
  const rows = await expectReplay(recording('one.ndjson', 5), totals()).rows()
  expect(rows).toHaveLength(8)
  expect(rows[0]).toEqual({
    window: { start: at, end: at + 10_000 },
    customer: 'ada',
    orders: 2,
    total: '3.00',
    high: 30,
  })
  const file = golden('golden.ndjson', rows)
  for (const size of [1, 4, 12]) await expectReplay(recording(`${size}.ndjson.gz`, size), totals()).toMatchRows(file)
  await expectReplay(recording('again.ndjson', 3), totals()).toMatchRows(rows.toReversed())
})

test('a changed aggregate is named by its column, with the group, both values, and how to take the new ones', async () => {
  const file = recording('changed.ndjson', 4)
  const path = golden('changed.golden.ndjson', await expectReplay(file, totals()).rows())
  await expect(expectReplay(file, totals('min')).toMatchRows(path)).rejects.toThrow(
    expect.objectContaining({
      code: 'REPLAY_DIFFERS',
      message: expect.stringMatching(
        /^totals over .*changed\.ndjson differs from .*\n {2}4 changed \(high\), 0 missing, 0 more\n {2}changed: .*"ada".*: high is 0, expected 30\n(.*\n)+If these are right: npx microbatch replay .* --rows /,
      ),
    }),
  )
})

test('rows that are missing or more are named; many differences are cut', async () => {
  const file = recording('rows.ndjson', 4)
  const [first, ...others] = await expectReplay(file, totals()).rows()
  await expect(expectReplay(file, totals()).toMatchRows(others)).rejects.toThrow(
    /0 changed, 0 missing, 1 more\n {2}more: /,
  )
  await expect(expectReplay(file, totals()).toMatchRows([])).rejects.toThrow(/8 more\n/)
  const other = { ...first, customer: 'nobody' }
  const rows = [first, ...others, other].filter((row) => row !== undefined)
  await expect(expectReplay(file, totals()).toMatchRows(rows)).rejects.toThrow(
    /1 missing, 0 more\n {2}missing: .*nobody/,
  )
})

test('a query without groups is compared by how often each row comes', async () => {
  const tape = orders().select('customer').writeStream({ outputMode: 'append', sinks })
  const rows = ['ada', 'bob', 'eve'].flatMap((customer) => Array.from({ length: 4 }, () => ({ customer })))
  await expectReplay(recording('tape.ndjson', 5), tape).toMatchRows(rows)
  await expect(expectReplay(recording('tape.ndjson', 5), tape).toMatchRows(rows.slice(1))).rejects.toThrow(/1 more/)
})

test('records that became dead letters are in the message, with the reason of the first', async () => {
  const strict = stream('strict')
    .readKafka({ topic: 'orders' })
    .decode(json(struct({ nothing: string() })))
  const query = strict.writeStream({ outputMode: 'append', sinks })
  await expect(expectReplay(recording('bad.ndjson', 5), query).toMatchRows([{ nothing: '' }])).rejects.toThrow(
    /1 missing.*\n.*\n {2}dead letters: 12, the first of them orders-0@0: /,
  )
})

test('of a recording of several functions one is named', async () => {
  const file = recording('several.ndjson', 5, ['totals', 'tape'])
  await expect(expectReplay(file, totals()).rows()).rejects.toThrow(/has the events of totals and of tape: name one/)
  expect(await expectReplay(file, totals(), { function: 'tape' }).rows()).toHaveLength(8)
})

test('golden rows that are not there, or are no JSON, say so, and how they are made', async () => {
  const file = recording('none.ndjson', 5)
  await expect(expectReplay(file, totals()).toMatchRows(join(folder, 'no-golden'))).rejects.toThrow(
    /there is no .*no-golden\. It is made by: npx microbatch replay .*none\.ndjson --rows/,
  )
  const broken = join(folder, 'broken.ndjson')
  writeFileSync(broken, '{}\n{')
  await expect(expectReplay(file, totals()).toMatchRows(broken)).rejects.toThrow(/broken\.ndjson:2: /)
})
