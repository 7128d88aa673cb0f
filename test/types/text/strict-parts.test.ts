import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { strictFields } from '../../../lib/types/text/strict-parts.ts'

function fieldsOf(text: string): readonly (readonly [string, string])[] {
  const fields: [string, string][] = []
  strictFields(text, (name, source) => fields.push([name, source]))
  return fields
}

test('fields come in the order of the text, as they stand there, equal names each time', () => {
  expect(fieldsOf(` {"a" : 1.50 ,"b":[ 1, {"a": "},"} ], "\\u0061":"x\\"}" ,"c":{}} `)).toEqual([
    ['a', '1.50'],
    ['b', '[ 1, {"a": "},"} ]'],
    ['a', '"x\\"}"'],
    ['c', '{}'],
  ])
  expect(fieldsOf(' { } ')).toEqual([])
})

property.prop([fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', ' ', '\n\t')])(
  'they are those that JSON.parse finds',
  (object, blank) => {
    const text = JSON.stringify(object, null, blank)
    const parsed = Object.entries(JSON.parse(text) as object)
    expect(fieldsOf(text).map(([name, source]) => [name, JSON.parse(source)])).toEqual(expect.arrayContaining(parsed))
    expect(fieldsOf(text)).toHaveLength(parsed.length)
  },
)
