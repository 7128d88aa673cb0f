import { fc, test as property } from '@fast-check/vitest'
import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/avro.ts'
import { string, struct } from '../../../lib/decode/schema.ts'
import { blockCheck } from '../../../lib/registry/avro/avro-blocks.ts'
import { aRecord } from '../../builders.ts'

const schema = {
  type: 'record',
  name: 'All',
  fields: [
    { name: 'nested', type: { type: 'array', items: { type: 'map', values: ['null', 'long'] } } },
    { name: 'empty', type: { type: 'array', items: 'null' } },
    { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 3 } },
    {
      name: 'numbers',
      type: { type: 'array', items: { type: 'record', name: 'N', fields: [{ name: 'a', type: 'double' }] } },
    },
    { name: 'list', type: { type: 'record', name: 'List', fields: [{ name: 'rest', type: ['null', 'List'] }] } },
    { name: 'symbol', type: 'string' },
  ],
}
const type = avsc.Type.forSchema(schema as never)
const codec = avro(struct({ symbol: string() }), { schema })
const value = fc.record({
  nested: fc.array(
    fc.dictionary(fc.string({ minLength: 1 }), fc.option(fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n }).map(Number))),
    { maxLength: 3 },
  ),
  empty: fc.array(fc.constant(null), { maxLength: 3 }),
  hash: fc.uint8Array({ minLength: 3, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
  numbers: fc.array(fc.record({ a: fc.double({ noNaN: true }) }), { maxLength: 3 }),
  list: fc.constantFrom({ rest: null }, { rest: { rest: { rest: null } } }),
  symbol: fc.string(),
})

property.prop([value])('every value is within its bytes, and no part of one is', (written) => {
  const bytes = type.toBuffer(written)
  const check = blockCheck(type)
  expect(check?.(Buffer.concat([Buffer.of(1, 2), bytes]), 2)).toBe(true)
  expect(check?.(bytes.subarray(0, -1), 0)).toBe(false)
  expect(codec.decode(aRecord({ value: bytes }))).toMatchObject({ kind: 'row', row: { symbol: written.symbol } })
})

property.prop([value, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })], { numRuns: 2000 })(
  'a value with damaged bytes is a row or a reason',
  (written, damages) => {
    const bytes = type.toBuffer(written)
    for (const [at, byte] of damages) bytes[at % bytes.length] = byte
    expect(['row', 'malformed']).toContain(codec.decode(aRecord({ value: bytes })).kind)
  },
)

describe('a count that no value has room for is refused at once', () => {
  const huge = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])

  test.each([
    ['items', huge],
    ['bytes of a text', Buffer.concat([Buffer.of(2, 2), huge])],
    ['items, in a block whose length goes back', Buffer.from([1, 1, 0])],
    ['items without bytes', Buffer.concat([Buffer.of(0), huge, Buffer.alloc(20)])],
  ])('of %s', (_, bytes) => {
    expect(codec.decode(aRecord({ value: bytes }))).toMatchObject({ kind: 'malformed', reason: 'NOT_AVRO' })
  })
})

test('a schema without arrays and maps needs no check', () => {
  const flat = { type: 'record', name: 'Flat', fields: [{ name: 'a', type: ['null', 'string'] }] }
  expect(blockCheck(avsc.Type.forSchema(flat as never))).toBeUndefined()
})
