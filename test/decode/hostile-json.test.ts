import { test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { json } from '../../lib/decode/json.ts'
import { binary, boolean, double, int, long, string, struct, timestamp } from '../../lib/decode/schema.ts'
import { compact, readObject } from '../../lib/types/text/lenient-json.ts'
import { aRecord } from '../builders.ts'
import { deepJson, hostileValues } from './hostile-json.ts'

const columns = {
  symbol: string(),
  price: double(),
  volume: long(),
  lots: int(),
  flag: boolean(),
  at: timestamp(),
  bytes: binary(),
}
const strictly = json(struct(columns))
const strictlyNullable = json(struct({ symbol: string().nullable(), volume: long().nullable() }))
const permissively = json(struct(columns), { malformed: 'null', corruptRecordColumn: 'corrupt' })

/** The value as each field of a row, as a field that no column reads, and as the whole record; hostile-nested.test.ts has more columns. */
function recordsWith(value: string): readonly string[] {
  const inColumns = Object.keys(columns).map((name) => `{"${name}":${value}}`)
  const unread = `{"other":${value},"symbol":"A","volume":100.0}`
  // Texts of megabytes take their time: one form is enough, and what no column reads.
  return value.length > 1_000_000
    ? [...inColumns.slice(0, 2), unread]
    : [value, `${value} and more`, ...inColumns, unread]
}

const reasons = ['WRONG_SHAPE', 'NOT_JSON']

function decodeAll(value: string): void {
  for (const text of recordsWith(value)) {
    const record = aRecord({ value: text })
    for (const codec of [strictly, strictlyNullable]) {
      const answer = codec.decode(record)
      if (answer.kind === 'row') continue
      expect(reasons).toContain(answer.reason)
      expect(answer.detail.length).toBeLessThan(250)
    }
    expect(permissively.decode(record).kind).toBe('row')
    readObject(text, (_, source) => compact(source))
  }
}

test.each([...hostileValues])('%s: every reader has an answer', { timeout: 60_000 }, (_, value) => {
  decodeAll(value)
})

property.prop([deepJson], { numRuns: 20 })(
  'and for nests of a random kind',
  (value) => {
    decodeAll(value)
  },
  60_000,
)

describe('a record of 9 kB that is all brackets', () => {
  const brackets = '['.repeat(4600) + ']'.repeat(4600)
  test('is of the wrong shape, and said to be in a line', () => {
    expect(strictly.decode(aRecord({ value: brackets }))).toEqual({
      kind: 'malformed',
      reason: 'WRONG_SHAPE',
      detail: `expected a JSON object, got ${'['.repeat(80)}`,
    })
    const field = `{"symbol":${'{"a":'.repeat(4600)}1${'}'.repeat(4600)}}`
    expect(strictly.decode(aRecord({ value: field }))).toEqual({
      kind: 'malformed',
      reason: 'WRONG_SHAPE',
      detail: `column symbol: expected a string, got ${'{"a":'.repeat(16)}`,
    })
  })
  test('does not matter where no column reads it', () => {
    const value = `{"deep":${brackets},"symbol":"A","volume":1}`
    expect(strictlyNullable.decode(aRecord({ value }))).toEqual({ kind: 'row', row: { symbol: 'A', volume: 1 } })
  })
})

test('bytes of megabytes are bytes, under every policy', { timeout: 60_000 }, () => {
  const schema = struct({ bytes: binary() })
  const value = `{"bytes":"${'A'.repeat(4_600_000)}"}`
  for (const codec of [json(schema), json(schema, { malformed: 'null' })])
    expect(codec.decode(aRecord({ value }))).toEqual({ kind: 'row', row: { bytes: Buffer.alloc(3_450_000) } })
})
