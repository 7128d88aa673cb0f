// Spark's functions of JSON texts beside what Spark 3.5.3 answered.

import { readFileSync } from 'node:fs'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  getJsonObject,
  int,
  json,
  jsonArrayLength,
  jsonObjectKeys,
  stream,
  string,
  struct,
  toJson,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { aRecord, keepingSink } from '../builders.ts'
import { answersOf, golden, schemaOf } from '../golden2.ts'

const read = (name: string) => JSON.parse(readFileSync(`test/golden2/${name}.json`, 'utf8'))

interface Paths {
  readonly paths: readonly (readonly string[])[]
  readonly texts: readonly { readonly text: string; readonly paths: number; readonly found: Record<string, string> }[]
  readonly shapes: readonly (readonly [text: string, length: number | null, keys: readonly string[] | null])[]
}
const { paths, texts, shapes }: Paths = read('json-paths')

/** Spark answers null to these, whatever the text is. */
const noPaths = new Set([
  '$["b"]',
  '$.*',
  '$.c.*',
  'a',
  '$.',
  '$..a',
  '$[-1]',
  '$[a]',
  "$.c.d['*']",
  '$ .a',
  '$.a[ 0 ]',
  '$.a[1.0]',
  '$.a.',
  '$a',
  '$.[0]',
  '$.a[*',
])

describe('get_json_object finds what Spark finds', () => {
  test.each(texts)('in $text', ({ text, paths: list, found }) => {
    for (const path of paths[list] ?? []) {
      if (noPaths.has(path)) continue
      expect.soft(getJsonObject(path)(text), path).toEqual(deviations.has(text) ? null : (found[path] ?? null))
    }
  })

  test('and nothing in null', () => {
    expect(getJsonObject('$')(null)).toBeNull()
  })
})

/** Spark takes raw control characters in these functions, here such a text is no JSON. */
const deviations = new Set(['{"a":"l1\nl2"}'])

test.each([...noPaths])('%s is no path, and refused where Spark would find nothing in any row', (path) => {
  expect(() => getJsonObject(path)).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }))
  expect(texts.every(({ found }) => found[path] === undefined)).toBe(true)
})

test.each(shapes)('json_array_length and json_object_keys of %s', (text, length, keys) => {
  expect(jsonArrayLength(text)).toEqual(length)
  expect(jsonObjectKeys(text)).toEqual(keys)
})

interface Written {
  readonly asked: readonly { readonly schema: string; readonly answers: readonly (readonly [string, string])[] }[]
}

/** A long beyond 2^53 would be null here: it is read as a bigint. */
const schemaText = (ddl: string): string => ddl.replaceAll('BIGINT', 'UNSIGNED')

test.each((read('json-written') as Written).asked)(
  'to_json writes what Spark writes of $schema',
  ({ schema, answers }) => {
    const row = schemaOf(schemaText(schema))
    const codec = json(row, { malformed: 'null' })
    const write = toJson(codec.schema)
    for (const [text, written] of answers) {
      const decoded = codec.decode(aRecord({ value: text }))
      expect.soft(decoded.kind === 'row' ? write(decoded.row as never) : decoded.detail, text).toBe(written)
    }
  },
)

test('json-functions: what the functions make of one text in one query', () => {
  const file = golden('json-functions')
  const codec = json(schemaOf(file.schema), { malformed: 'null' })
  const s = codec.schema.columns.get('s')
  if (s === undefined) throw new Error('the file has a column s')
  const [whole, part] = [toJson(s), toJson(struct({ x: int().nullable(), n: string().nullable() }))]
  const rows = file.batches.flatMap(({ input }) =>
    input.map(({ value }) => {
      const decoded = codec.decode(aRecord({ value }))
      const given = Object(decoded.kind === 'row' ? decoded.row : {}).s ?? null
      const { x = null, n = null } = Object(given)
      return { n: jsonArrayLength(value), keys: jsonObjectKeys(value), j: whole(given), j2: part({ x, n }) }
    }),
  )
  const sorted = (given: readonly object[]) => given.map((row) => JSON.stringify(row)).sort()
  expect(sorted(rows)).toEqual(sorted(answersOf(file)))
})

test('they stand in a query, and their texts have types', async () => {
  const symbol = getJsonObject('$.data[0].s')
  const Bar = struct({ symbol: string().nullable(), n: int() })
  const text = toJson(Bar)
  const query = stream('q')
    .readKafka({ topic: 't' })
    .decode(json(struct({ raw: string() })))
    .withColumn('symbol', ({ raw }) => symbol(raw), string().nullable())
    .withColumn('bar', (row) => text({ symbol: row.symbol, n: 1 }), string())
    .writeStream({ sinks: [keepingSink()] })
  const { rows } = await testDriver(query).addRecords([{ value: JSON.stringify({ raw: '{"data":[{"s":"XYZ"}]}' }) }])
  expect(rows).toEqual([expect.objectContaining({ symbol: 'XYZ', bar: '{"symbol":"XYZ","n":1}' })])
  expectTypeOf(text({ symbol: null, n: 1 })).toEqualTypeOf<string>()
  expectTypeOf(text(null)).toEqualTypeOf<null>()
})
