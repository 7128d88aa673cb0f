import { describe, expect, test } from 'vitest'
import { double, json, stream, string, struct, timestamp, window } from '../../../lib/index.ts'
import { rowJson } from '../../../lib/sink/rows/row-json.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { Every, emptyRow, fullRow } from '../every-column.ts'

const decode = (text: string) =>
  json(Every).decode({
    key: null,
    value: Buffer.from(text),
    topic: 't',
    partition: 0,
    offset: 0,
    timestamp: 0,
    timestampType: 0,
    headers: [],
  })

describe('the JSON of a row', () => {
  test.each([fullRow, emptyRow])('is read back as the row by the codec of its schema', (row) => {
    expect(decode(rowJson(Every.columns)(row))).toEqual({ kind: 'row', row })
  })

  test('has all digits of exact numbers, as numbers', () => {
    const text = rowJson(Every.columns)(fullRow)
    expect(text).toContain('"big":9223372036854775807,"amount":-123456789012345678.90')
    expect(text).toContain('"large":1234567890123456789012345678.0123456789')
  })

  test('has what is no number in JSON as text, as Spark writes it', () => {
    const { columns } = struct({ a: double(), b: double(), c: double() })
    expect(rowJson(columns)({ a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: -0 })).toBe(
      '{"a":"NaN","b":"-Infinity","c":-0}',
    )
  })

  test('has times as text where that is asked for', () => {
    const { columns } = struct({ at: timestamp() })
    expect(rowJson(columns, 'iso')({ at: 1_700_000_000_123 })).toBe('{"at":"2023-11-14T22:13:20.123Z"}')
  })

  test('has a window as an object of two times, and columns of functions by their values', async () => {
    const texts: string[] = []
    const query = stream('q')
      .rows(struct({ at: timestamp(), symbol: string() }))
      .groupBy(window('at', '10 seconds'))
      .count()
      .withColumn('more', () => ({ bytes: Buffer.from('a'), big: 5n, not: Number.NaN, none: null }))
      .writeStream({
        outputMode: 'complete',
        sinks: [
          {
            description: 'texts',
            async write({ columns, rows }) {
              texts.push(...rows.map(({ row }) => rowJson(columns)(row)))
            },
          },
        ],
      })
    await testDriver(query).addRows([{ at: 1, symbol: 'A' }])
    expect(texts).toEqual([
      '{"window":{"start":0,"end":10000},"count":1,"more":{"bytes":"YQ==","big":"5","not":"NaN","none":null}}',
    ])
  })
})
