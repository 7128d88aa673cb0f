// Groups keep their lines in the texts that these came in or were written with; texts that are mostly dead are written anew.
import { expect, test } from 'vitest'

import { GroupTable } from '../../../lib/state/shards/group-table.ts'

/** Groups whose accumulator is a text. */
const aTable = () => new GroupTable({ init: () => '', decode: (text) => text, lookupOf: (key) => key, keyText: String })

const lineOf = (key: string, acc: string): string => `10\t1\t\t${key}\t${acc}\n`

const contentOf = (table: GroupTable) => new Map(Array.from(table.all(), (image) => [image.lookup, table.accOf(image)]))

test('a later line of a group wins, and memory counts what is dead of the texts too', () => {
  const table = aTable()
  table.merge(lineOf('a', 'one') + lineOf('b', 'two'))
  const before = table.bytes
  table.merge(lineOf('a', 'three'))
  expect(contentOf(table)).toEqual(
    new Map([
      ['a', 'three'],
      ['b', 'two'],
    ]),
  )
  expect(table.lineLength).toBe(lineOf('a', 'three').length + lineOf('b', 'two').length)
  expect(table.bytes).toBe(before + lineOf('a', 'three').length)
})

test('texts that are written anew are cut to length, and the groups are as they were', () => {
  const table = aTable()
  for (let i = 0; i < 50; i += 1) table.merge(lineOf(`key-${i % 7}`, `value ${i}`))
  const content = contentOf(aTableWith(table))
  const texts = table.rewrite(60)
  expect(texts.length).toBeGreaterThan(2)
  expect(texts.join('').split('\n')).toHaveLength(7 + 1)
  expect(contentOf(table)).toEqual(content)
  expect(texts.join('')).toHaveLength(table.lineLength)
})

test('a group that is written again and again does not keep every text it was written in', () => {
  const table = aTable()
  const image = table.findOrAdd(10, 'a')
  const other = table.findOrAdd(10, 'b')
  const filler = 'x'.repeat(100_000)
  table.confirm([other], lineOf('b', 'kept'), [lineOf('b', 'kept').length], 1)
  for (let i = 0; i < 100; i += 1) {
    const line = lineOf('a', `${filler}${i}`)
    table.confirm([image], line, [line.length], i)
  }
  expect(table.bytes).toBeLessThan(2_000_000)
  expect([...contentOf(aTableWith(table)).keys()].sort()).toEqual(['a', 'b'])
  image.acc = undefined
  expect(table.accOf(image)).toBe(`${filler}99`)
  table.restore(other)
  expect(table.accOf(other)).toBe('kept')
})

/** Another table that has read the lines of this one. */
function aTableWith(table: GroupTable): GroupTable {
  const copy = aTable()
  for (const { text, from, to } of table.all()) copy.merge((text ?? '').slice(from, to))
  return copy
}
