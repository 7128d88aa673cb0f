// A value of several rows, taken apart: each element is read by itself, as `json` reads a value of one row.

import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { double, json, type ManyCodec, string, struct } from '../../lib/index.ts'
import { aRecord } from '../builders.ts'

const Trade = struct({ s: string(), p: double().nullable() })
const lines = json(Trade, { many: 'lines' })
const array = json(Trade, { many: 'array' })

/** The rows and the reasons, in their order; or the reason of the whole. */
const read = <Row>(codec: ManyCodec<Row>, value: string | Buffer | null) => {
  const answer = codec.decodeMany(aRecord({ value }))
  if (answer.kind === 'malformed') return `${answer.reason}: ${answer.detail}`
  return answer.elements.map((element) => (element.kind === 'row' ? element.row : element.reason))
}

describe('an array', () => {
  test('is a row for each element', () => {
    expect(read(array, ' [{"s":"A","p":1} , {"s":"B"},{"s":"]},{","p":null}]\n')).toEqual([
      { s: 'A', p: 1 },
      { s: 'B', p: null },
      { s: ']},{', p: null },
    ])
  })

  test('has no rows where it is empty, and one where the value is a single object', () => {
    expect(read(array, '[ ]')).toEqual([])
    expect(read(array, '{"s":"A","p":1}')).toEqual([{ s: 'A', p: 1 }])
  })

  test('has bad elements by themselves, each with its bytes', () => {
    const value = '[{"s":"A"},{"s":1},7,null,[],{"s":"B",},"\\"]",{"s":"Z"}]'
    expect(read(array, value)).toEqual([
      { s: 'A', p: null },
      'WRONG_SHAPE',
      'WRONG_SHAPE',
      'WRONG_SHAPE',
      'WRONG_SHAPE',
      'NOT_JSON',
      'WRONG_SHAPE',
      { s: 'Z', p: null },
    ])
    const answer = array.decodeMany(aRecord({ value }))
    expect(answer.kind === 'rows' && answer.bytesOf?.(5).toString()).toBe('{"s":"B",}')
  })

  test.each([
    ['[{"s":"A"},', 'NOT_JSON: the array does not end'],
    ['[{"s":"A}]', 'NOT_JSON: the array does not end'],
    ['[{"s":"A"}', 'NOT_JSON: the array does not end'],
    ['[{"s":"A"},]', 'NOT_JSON: element 1 of the array is missing'],
    ['[,{"s":"A"}]', 'NOT_JSON: element 0 of the array is missing'],
    ['[{"s":"A"}}]', 'NOT_JSON: element 0 of the array closes what it did not open'],
    ['[{"s":"A"}] x', 'NOT_JSON: there is text after the end of the array'],
    ['[]]', 'NOT_JSON: there is text after the end of the array'],
    ['', 'EMPTY: the value is empty'],
    ['7', 'WRONG_SHAPE: expected a JSON object, got 7'],
    [null, 'TOMBSTONE: the record has no value'],
  ])('that does not come apart is bad as a whole: %s', (value, reason) => {
    expect(read(array, value)).toBe(reason)
  })

  test('of more than 100,000 elements is too many, before any is read', () => {
    expect(read(array, `[${'{},'.repeat(100_000)}{}]`)).toBe('TOO_MANY_ROWS: the value has more than 100000 elements')
    expect(read(lines, '7\n'.repeat(100_001))).toBe('TOO_MANY_ROWS: the value has more than 100000 elements')
    expect(read(json(Trade, { many: 'array', malformed: 'null' }), `[${'1,'.repeat(99_999)}1]`)).toHaveLength(100_000)
  })

  test('is as deep as it likes', () => {
    const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`
    expect(read(array, `[${deep},{"s":"A"}]`)).toMatchObject([expect.any(String), { s: 'A' }])
  })

  test('under the policy null has rows of nulls, and single quotes', () => {
    const lenient = json(Trade, { many: 'array', malformed: 'null', corruptRecordColumn: 'bad' })
    expect(read(lenient, `[{'s':'],'},{"s":"B","p":"x"},7]`)).toEqual([
      { s: '],', p: null, bad: null },
      { s: 'B', p: null, bad: '{"s":"B","p":"x"}' },
      { s: null, p: null, bad: '7' },
    ])
    expect(read(lenient, '[{"s":')).toEqual([{ s: null, p: null, bad: '[{"s":' }])
    expect(read(lenient, null)).toEqual([{ s: null, p: null, bad: null }])
  })
})

test('another word for it is refused', () => {
  // @ts-expect-error: no such form
  expect(() => json(Trade, { many: 'line' })).toThrow('json: many is "line"; expected array or lines.')
})

describe('lines', () => {
  test('are rows, blank ones aside, with either line break', () => {
    expect(read(lines, '{"s":"A"}\r\n\n  \n{"s":"B","p":2}\n')).toEqual([
      { s: 'A', p: null },
      { s: 'B', p: 2 },
    ])
  })

  test('are bad by themselves', () => {
    expect(read(lines, Buffer.from('{"s":"A"}\nnot json\n{"s":"\xff"}\n{"s":"B"}', 'latin1'))).toEqual([
      { s: 'A', p: null },
      'NOT_JSON',
      'NOT_UTF8',
      { s: 'B', p: null },
    ])
  })

  test('that are all blank, or none, are bad as a whole', () => {
    expect(read(lines, ' \n\n')).toBe('NOT_JSON: the value has blank lines only')
    expect(read(lines, '')).toBe('EMPTY: the value is empty')
  })
})

property.prop([
  fc.array(fc.record({ s: fc.string(), p: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })) })),
])('an array and lines give what each object gives by itself', (trades) => {
  const one = json(Trade)
  const texts = trades.map((trade) => JSON.stringify(trade))
  const alone = texts.map((value) => one.decode(aRecord({ value })))
  const expected = alone.map((answer) => (answer.kind === 'row' ? answer.row : answer.reason))
  expect(read(array, `[${texts.join(' ,\n')}]`)).toEqual(expected)
  if (texts.length > 0) expect(read(lines, texts.join('\n'))).toEqual(expected)
  expect(read(array, JSON.stringify(trades, null, 2))).toEqual(expected)
})
