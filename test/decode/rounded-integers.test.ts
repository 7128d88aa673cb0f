import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { json } from '../../lib/decode/json.ts'
import { double, int, long, struct, timestamp } from '../../lib/decode/schema.ts'
import { aRecord } from '../builders.ts'

describe('an integer that only a double takes for one is refused: the text decides', () => {
  const codec = json(struct({ v: long(), n: long().nullable() }))
  const plain = json(struct({ v: long() }))
  test.each([
    '100.000000000000001',
    '100.0000000000000001',
    '450359962737049.75e1',
    '4503599627370497.5',
    '9007199254740991.4',
    '1e-400',
    '-1.0e-999',
    `1.${'0'.repeat(400)}1`,
    '0.00000000000000001e1',
    '1.0000000000000000000001E+2',
  ])('%s', (source) => {
    for (const value of [`{"v":${source}}`, `{"deep":${'['.repeat(1001)}${']'.repeat(1001)},"v":${source}}`])
      for (const reader of [codec, plain])
        expect(reader.decode(aRecord({ value }))).toMatchObject({
          reason: 'WRONG_SHAPE',
          detail: expect.stringMatching(/^column v: expected an integer up to 2\^53 - 1, got /),
        })
  })
  test.each([
    ['100.0', 100],
    ['100.000000000000000', 100],
    ['1.00000000000000000000e2', 100],
    ['450359962737049.60e1', 4_503_599_627_370_496],
    ['9007199254740991.0000', 2 ** 53 - 1],
    ['0e-400', 0],
    ['1000e-3', 1],
  ])('and %s is taken', (source, v) => {
    expect(plain.decode(aRecord({ value: `{"v":${source}}` }))).toEqual({ kind: 'row', row: { v } })
  })
  test('of two equal names the last counts', () => {
    expect(plain.decode(aRecord({ value: '{"v":100.000000000000001,"v":7}' }))).toEqual({ kind: 'row', row: { v: 7 } })
    expect(plain.decode(aRecord({ value: '{"v":7,"v":100.000000000000001}' }))).toMatchObject({ kind: 'malformed' })
  })
  test('a double column takes what rounds', () => {
    const codec = json(struct({ price: double() }))
    expect(codec.decode(aRecord({ value: '{"price":100.000000000000001}' }))).toEqual({
      kind: 'row',
      row: { price: 100 },
    })
  })
})

property.prop([
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  fc.nat({ max: 12 }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', '0', '000', '1', '0000000001'),
])('a long is the exact value of its text, or none', (digits, decimals, shift, tail) => {
  const text = String(digits < 0n ? -digits : digits).padStart(decimals + 1, '0')
  const fraction = (decimals === 0 ? '' : text.slice(-decimals)) + tail
  const whole = text.slice(0, text.length - decimals)
  const source = `${digits < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}${shift === 0 ? '' : `e${shift}`}`
  // The value times ten to the number of its decimals is exact.
  const scaled = BigInt(`${whole}${fraction}`) * (digits < 0n ? -1n : 1n) * 10n ** BigInt(shift + 3)
  const scale = 10n ** BigInt(fraction.length + 3)
  const value = scaled % scale === 0n ? scaled / scale : null
  const expected = value !== null && value < 2n ** 53n && value > -(2n ** 53n) ? Number(value) : null
  const answer = json(struct({ v: long() })).decode(aRecord({ value: `{"v":${source}}` }))
  expect(answer.kind === 'row' ? answer.row.v + 0 : null).toBe(expected)
})

test('an int and a timestamp are integers, too', () => {
  const codec = json(struct({ lots: int(), at: timestamp() }))
  for (const value of ['{"lots":1.0000000000000001,"at":0}', '{"lots":1,"at":1767623400000.00001}'])
    expect(codec.decode(aRecord({ value }))).toMatchObject({ reason: 'WRONG_SHAPE' })
})

test('under the policy `null` a number with a point or an exponent is no integer at all, as in Spark', () => {
  const codec = json(struct({ v: long() }), { malformed: 'null' })
  for (const source of ['100.0', '1e2', '100.000000000000001', '9007199254740993'])
    expect(codec.decode(aRecord({ value: `{"v":${source}}` }))).toEqual({ kind: 'row', row: { v: null } })
})
