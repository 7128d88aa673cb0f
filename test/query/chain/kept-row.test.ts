// The text that rows are told apart by: it is kept, so it stays what it was, JSON.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { boolean, double, long, string, struct } from '../../../lib/index.ts'
import { keyText, rowCodec } from '../../../lib/query/chain/kept-row.ts'

const Row = struct({ id: string().nullable(), value: double(), count: long(), isOn: boolean() })

test.prop([
  fc.record({
    id: fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\n', '~ !', '\ud800'))),
    value: fc.double(),
    count: fc.maxSafeInteger(),
    isOn: fc.boolean(),
  }),
])('the key of a row is its values as JSON', (row) => {
  const text = keyText([...Row.columns.keys()], Row.columns)(row)
  expect(text).toBe(JSON.stringify(rowCodec(Row.columns).encode(row)))
  expect(keyText(['count', 'id'], Row.columns)(row)).toBe(JSON.stringify([row.id, row.count]))
})
