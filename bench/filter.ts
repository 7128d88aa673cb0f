// A filter over messages that grow: what a record costs on the thread that also sends heartbeats.

import { compileFilters } from '../mapping/filter/filters.ts'
import type { Figure } from './baseline.ts'
import { compare } from './measure.ts'

const flat = compileFilters([{ value: { symbol: [{ prefix: 'AA' }], price: [{ numeric: ['>', 100] }] } }])
const nested = compileFilters([
  { value: { a: { x: [{ numeric: ['=', 1] }] }, b: { x: [{ exists: true }] }, z: { p: ['1'], q: ['1'] } } },
])
const ignoringCase = compileFilters([{ value: [{ suffix: { 'equals-ignore-case': 'a'.repeat(1_000) } }] }])

/** Every element of two arrays may be the one; the third has none. */
function manyElements(count: number): Buffer {
  const many = Array.from({ length: count }, () => ({ x: 1 }))
  return Buffer.from(JSON.stringify({ a: many, b: many, z: [{ p: '1' }, { q: '1' }] }))
}

export async function benchFilter(): Promise<readonly Figure[]> {
  const tick = Buffer.from('{"symbol":"AAPL","price":150.5,"volume":10,"timestamp":1700000000000}')
  return compare('Filters, one message (bytes per second grow with the message, records do not)', 1, [
    { name: 'a tick of 70 bytes, two fields', run: () => flat.matches(tick) },
    ...[10, 100, 1_000, 10_000].map((count) => {
      const message = manyElements(count)
      const name = `four fields over three arrays, ${(message.length / 1000).toFixed(1)} kB`
      return { name, run: () => nested.matches(message) }
    }),
    ...[1_000, 100_000].map((length) => {
      const message = Buffer.from(`${'a'.repeat(length)}b`)
      return { name: `a suffix without case, ${length / 1000} kB of text`, run: () => ignoringCase.matches(message) }
    }),
  ])
}
