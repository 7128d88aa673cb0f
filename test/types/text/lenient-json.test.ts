import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { compact, readObject, unquote } from '../../../lib/types/text/lenient-json.ts'
import { strictlyMutated } from '../../decode/mutated-json.ts'

function fieldsOf(text: string): readonly (readonly [string, string])[] | 'blank' | 'malformed' {
  const fields: [string, string][] = []
  const found = readObject(text, (name, source) => fields.push([name, source]))
  return found === 'object' ? fields : found
}

test('fields come in the order of the text, as they stand there, equal names each time', () => {
  const text = ` {"a" : 1.50, 'b' : [ 1, {"a": 2} ] ,"\\u0061":'x' }, and so on`
  expect(fieldsOf(text)).toEqual([
    ['a', '1.50'],
    ['b', '[ 1, {"a": 2} ]'],
    ['a', "'x'"],
  ])
})

describe('what Spark 3.5.0 refuses is malformed', () => {
  test.each([
    ...[
      'null',
      'true',
      '123',
      '"text"',
      'NaN',
      '[]',
      '[{}]',
      'not json',
      '{',
      '{"',
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":"b',
    ],
    ...['{a:1}', '{"a":1,}', '{,}', '{"a":1,,"b":2}', '{"a" 1}', '{"a":}', '{"a":1 "b":2}', '{"a":[1,]}', '{"a":[,1]}'],
    ...['{"a":1/*c*/}', '/*c*/{}', '{#\n}', '\ufeff{}', '\u00a0{}', '\v{}', '\0{}', '{\0"\0a\0"\0:\x001\0}\0'],
    ...[
      '01',
      '-01',
      '00',
      '+1',
      '.5',
      '-.5',
      '1.',
      '1.e5',
      '1e',
      '1e+',
      '-',
      '0x10',
      '1_0',
      'INF',
      'nan',
      '-NaN',
      '+NaN',
    ].map((word) => `{"a":${word}}`),
    ...[
      'NaNx',
      'truex',
      'TRUE',
      'nul',
      'oops',
      'true"x"',
      '"tab\there"',
      '"\x1f"',
      '"\\q"',
      '"\\u00G0"',
      '"\\u00e"',
      '\'a"}',
    ].map((word) => `{"a":${word}}`),
  ])('%j', (text) => {
    expect(fieldsOf(text)).toBe('malformed')
  })
})

test('a thousand levels and a thousand digits are the limit, as Jackson has it', () => {
  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  expect(fieldsOf(nested(1000))).toHaveLength(1)
  expect(fieldsOf(nested(1001))).toBe('malformed')
  expect(fieldsOf(nested(200_000))).toBe('malformed')
  expect(fieldsOf(`{"a":-${'1'.repeat(1000)}}`)).toHaveLength(1)
  expect(fieldsOf(`{"a":${'1'.repeat(1001)}}`)).toBe('malformed')
})

test('a long text costs no stack', () => {
  const long = 'x\\n'.repeat(1_000_000)
  expect(fieldsOf(`{"a":"${long}"}`)).toHaveLength(1)
  expect(fieldsOf(`{"a":[${'"b",'.repeat(500_000)}1]}`)).toHaveLength(1)
})

/** The object that strict JSON sees at the beginning of the text. */
function strictObject(text: string): object | 'malformed' {
  for (let end = text.indexOf('}'); end !== -1; end = text.indexOf('}', end + 1)) {
    try {
      const parsed: unknown = JSON.parse(text.slice(0, end + 1))
      if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
      return 'malformed'
    } catch {
      // Not yet whole: on to the next brace.
    }
  }
  return 'malformed'
}

property.prop([strictlyMutated], { numRuns: 2000 })(
  'where both grammars agree, so do this reader and JSON.parse',
  (text) => {
    const strict = strictObject(text)
    const fields = fieldsOf(text)
    if (typeof fields === 'string') expect(strict).toBe('malformed')
    else expect(Object.fromEntries(fields.map(([name, source]) => [name, JSON.parse(source)]))).toEqual(strict)
  },
)

property.prop([fc.string({ unit: 'binary' })])('a string comes back as it was quoted', (text) => {
  expect(unquote(JSON.stringify(text))).toBe(text)
})

const plainValue = fc
  .jsonValue({ stringUnit: 'grapheme-ascii' })
  .filter((value) => !/\d[.e]/.test(JSON.stringify(value)))

property.prop([plainValue, fc.constantFrom('', ' ', '\n\t')])(
  'compact text is that of JSON.stringify',
  (value, blank) => {
    expect(compact(JSON.stringify(value, null, blank))).toBe(JSON.stringify(value))
  },
)
