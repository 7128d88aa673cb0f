import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Codec } from '../../lib/decode/codec.ts'
import { array, date, map } from '../../lib/decode/columns.ts'
import { json } from '../../lib/decode/json.ts'
import { int, type Schema, string, struct, timestamp } from '../../lib/decode/schema.ts'
import { aRecord } from '../builders.ts'
import { answersOf, type GoldenRow, golden, goldenRow, schemaOf } from '../golden2.ts'

/** The texts that are read otherwise here, by file, and what they are here. docs/from-spark.md says why. */
const deviations = new Map<string, Readonly<Record<string, GoldenRow>>>([
  [
    'json-date-poison',
    { '{"d":"2026-02-29","i":1}': { d: null, i: 1 }, '{"d":"2026-03-01","i":1}': { d: '2026-03-01', i: 1 } },
  ],
  [
    'json-lexer-lenient',
    Object.fromEntries(
      [
        '{"a":-01}',
        '{"a":01}',
        '{"a":1/*c*/}',
        '{"s":"\\x41"}',
        '{"s":"x\0y"}',
        '{"s":"x\ty"}',
        '{"s":"x\\qy"}',
        '{a:1}',
      ].map((text) => [text, { a: null, f: null, s: null }]),
    ),
  ],
  [
    'json-no-partial-results',
    {
      '{"a":1,"s":{"x":"bad","y":"q"},"l":[1],"b":"t"}': { a: 1, s: { x: null, y: 'q' }, l: [1], b: 't' },
    },
  ],
  ['json-timestamp-ntz', { '{"ts":"0000-01-01","i":1}': { ts: null, i: 1 } }],
  [
    'json-timestamp-format-zone',
    {
      '{"ts":"2026/01/05T14:30:00Z","d":"5.1.2026"}': { ts: '2026-01-05 14:30:00', d: null },
      '{"ts":"2026/01/05T14:30:00.25","d":"31.02.2026"}': { ts: '2026-01-05 19:30:00.25', d: null },
      '{"ts":"2026-01-05T14:30:00Z","d":"05.01.26"}': { ts: null, d: null },
      '{"ts":"2026/1/5T14:30:00","d":" 05.01.2026"}': { ts: null, d: null },
      '{"ts":"2026/07/05T14:30:00","d":"05.01.2026x"}': { ts: '2026-07-05 18:30:00', d: null },
    },
  ],
  [
    'json-timestamp-poison-format',
    {
      '{"ts":"2026-01-05 14:30:00.5","i":1}': { ts: null, i: 1 },
      '{"ts":"2026-01-05 14:30:01","i":1}': { ts: '2026-01-05 14:30:01', i: 1 },
    },
  ],
])

/** What cannot be said here, whole files of it. */
const notOffered = ['json-dropmalformed']

const inputsOf = (name: string): readonly (string | null)[] =>
  golden(name).batches.flatMap(({ input }) => input.map(({ value }) => value))

function decodedBy(codec: Codec<unknown>, value: string | null): GoldenRow {
  const decoded = codec.decode(aRecord({ value }))
  if (decoded.kind !== 'row') return { malformed: decoded.reason }
  return goldenRow(codec.schema.columns, decoded.row as GoldenRow)
}

const texts = (row: unknown): unknown =>
  typeof row === 'object' && row !== null ? Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1)) : row
const areEqual = (left: unknown, right: unknown): boolean =>
  JSON.stringify(texts(left)) === JSON.stringify(texts(right))

describe('from_json in PERMISSIVE mode gives the rows of Spark 3.5.3', () => {
  test.each([
    'json-arrays',
    'json-date-poison',
    'json-decimal',
    'json-floats',
    'json-lexer-lenient',
    'json-maps',
    'json-no-partial-results',
    'json-permissive-corrupt',
    'json-primitives-as-string',
    'json-timestamp-ntz',
  ])('%s', (name) => {
    const file = golden(name)
    const hasCorrupt = file.schema.includes('_corrupt_record')
    const schema = schemaOf(file.schema.replace(', _corrupt_record STRING', ''))
    const codec = hasCorrupt
      ? json(schema, { malformed: 'null', corruptRecordColumn: '_corrupt_record' })
      : json(schema, { malformed: 'null' })
    const spark = new Map(answersOf(file).map(({ value, ...row }) => [value, row]))
    const differing: Record<string, unknown> = {}
    for (const value of inputsOf(name)) {
      const ours = decodedBy(codec, value)
      if (!areEqual(ours, spark.get(value))) differing[String(value)] = ours
    }
    expect(differing).toEqual(deviations.get(name) ?? {})
  })

  test.each([
    [
      'json-timestamp-format-zone',
      struct({
        ts: timestamp({ pattern: "yyyy/MM/dd'T'HH:mm:ss[.SSS][XXX]", zone: 'America/New_York' }),
        d: date({ pattern: 'dd.MM.yyyy' }),
      }),
    ],
    ['json-timestamp-poison-format', struct({ ts: timestamp({ pattern: 'yyyy-MM-dd HH:mm:ss' }), i: int() })],
  ])('%s', (name, schema) => {
    const file = golden(name)
    const codec = json(schema as Schema<GoldenRow>, { malformed: 'null' })
    const alone = (file.expected.each ?? []).flatMap((answer) => ('error' in answer ? [] : answer.rows))
    const spark = new Map([...answersOf(file), ...alone].map(({ value, ...row }) => [value, row]))
    const differing: Record<string, unknown> = {}
    for (const value of inputsOf(name)) {
      const ours = decodedBy(codec, value)
      if (!areEqual(ours, spark.get(value))) differing[String(value)] = ours
    }
    expect(differing).toEqual(deviations.get(name))
  })

  test('json-map-int-key, which is refused in the same words', () => {
    const { append } = golden('json-map-int-key').expected
    const words = /can only contain STRING as a key type for a MAP/
    expect(append !== undefined && 'error' in append ? append.error : '').toMatch(words)
    expect(() => map(int() as never, string())).toThrow(words)
    expect(map(string(), int()).type.name).toBe(map(int()).type.name)
  })

  test('json-permissive-struct, where no text at all is no object', () => {
    const file = golden('json-permissive-struct')
    const codec = json(schemaOf(file.schema), { malformed: 'null' })
    for (const { value, t } of answersOf(file)) {
      expect(decodedBy(codec, value as string | null)).toEqual(t ?? { a: null, b: null })
    }
  })

  test('json-top-map, where what is at the top there is a field here', () => {
    const codec = json(struct({ t: map(string()), ai: array(int()) }), { malformed: 'null' })
    for (const { value, ...row } of answersOf(golden('json-top-map'))) {
      expect(decodedBy(codec, value === null ? null : `{"t":${value},"ai":${value}}`)).toEqual(row)
    }
  })
})

test('from_json in FAILFAST mode takes what Spark takes, and fails where Spark dies', () => {
  const file = golden('json-failfast')
  const codec = json(schemaOf(file.schema), { malformed: 'fail' })
  const answered = answersOf(file)
  expect(answered).toHaveLength(6)
  for (const { value, ...row } of answered) expect(decodedBy(codec, value as string | null)).toEqual(row)
  expect(codec.decode(aRecord({ value: '{"a":"bad","b":"y"}' }))).toEqual({
    kind: 'malformed',
    reason: 'WRONG_SHAPE',
    detail: 'column a: expected INT, got "bad"',
  })
  for (const value of ['null', '[]', '[{"a":1}]', '5', 'x', '{"a":1'])
    expect(decodedBy(codec, value)).toEqual({ malformed: 'NOT_JSON' })
})

test('the table of docs/from-spark.md counts every text that is read otherwise, and names what cannot be said', () => {
  const page = readFileSync('docs/from-spark.md', 'utf8')
  const table = Array.from(page.matchAll(/^\| `(json-[a-z-]+)\.json` +\| (\d+) +\|/gm), ([, name = '', count]) => [
    name,
    Number(count),
  ])
  expect(new Map(table.map(([name, count]) => [name, count]))).toEqual(
    new Map([
      ...Array.from(deviations, ([name, rows]) => [name, Object.keys(rows).length] as const),
      ...notOffered.map((name) => [name, inputsOf(name).length] as const),
    ]),
  )
})
