import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileFilters } from '../../../mapping/filter/filters.ts'
import { isNaiveMatch } from './naive.ts'

const matches = (pattern: object, message: unknown): boolean =>
  compileFilters([{ value: pattern }]).matches(
    Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
  )

/** Below it whatever grows as a power of the message would not come. */
const millis = (work: () => unknown): number => {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}
const enoughMs = 5_000

describe('a long message takes time in proportion to its length', () => {
  test('five fields over four arrays, of which the last cannot match', () => {
    const pattern = { a: { x: [1] }, b: { x: [1] }, c: { x: [1] }, z: { p: [1], q: [1] } }
    const many = Array.from({ length: 2_000 }, () => ({ x: 1 }))
    const message = (z: readonly object[]) => ({ a: many, b: many, c: many, z })
    expect(millis(() => expect(matches(pattern, message([{ p: 1 }, { q: 1 }]))).toBe(false))).toBeLessThan(enoughMs)
    expect(matches(pattern, message([{ p: 1 }, { p: 1, q: 1 }]))).toBe(true)
  })

  test('one path in two arrays, with an absence', () => {
    const pattern = { a: { b: { w: [1], x: [1], y: [1, { exists: false }], z: [1] } } }
    const many = Array.from({ length: 5_000 }, (_, at) => ({ x: at % 3, y: at % 5, z: at % 7, w: 2 }))
    expect(millis(() => matches(pattern, { 'a.b': many, a: { b: many } }))).toBeLessThan(enoughMs)
  })

  test('arrays in arrays, a hundred thousand deep', () => {
    const deep = `${'[{"x":0},'.repeat(100_000)}{"y":1}${']'.repeat(100_000)}`
    expect(millis(() => matches({ a: { x: [1], y: [1] } }, `{"a":${deep}}`))).toBeLessThan(enoughMs)
  })

  test('a suffix without case', () => {
    const pattern = { a: [{ suffix: { 'equals-ignore-case': 'a'.repeat(2_000) } }] }
    expect(millis(() => matches(pattern, { a: `${'a'.repeat(500_000)}b` }))).toBeLessThan(enoughMs)
    expect(matches(pattern, { a: 'A'.repeat(2_000) })).toBe(true)
    expect(matches({ a: [{ suffix: { 'equals-ignore-case': 'ßx' } }] }, { a: 'STRASSX' })).toBe(true)
  })
})

test('JSON that nests deeper than a reviver reads is filtered as any other, by the text of its numbers', () => {
  const deep = `${'['.repeat(20_000)}{"s":"1\\"2"}${']'.repeat(20_000)}`
  for (const number of ['2', '1.0', '1e0', '-1']) expect(matches({ a: [1] }, `{"b":${deep},"a":${number}}`)).toBe(false)
  expect(matches({ a: [1] }, `{"b":${deep},"a":1}`)).toBe(true)
  expect(matches({ a: [1], c: ['\\"3'] }, `{"b":${deep},"c":"\\\\\\"3","a":1,"__proto__":7}`)).toBe(true)
})

test('fields of one path in several arrays, and absences between them, match as the naive evaluator says', () => {
  const key = fc.constantFrom('a', 'b', 'x', 'y', 'a.b', 'a')
  const event = fc.letrec<{ object: object; value: unknown }>((tie) => ({
    object: fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(0, 1), tie('object'), {
      arbitrary: fc.array(tie('object'), { maxLength: 3 }),
      weight: 3,
    }),
  })).object
  const leaf = fc.constantFrom([1], [0], [{ exists: false }], [{ exists: true }], [1, { exists: false }])
  const pattern = fc.letrec<{ object: object; field: unknown }>((tie) => ({
    object: fc.dictionary(fc.constantFrom('a', 'b', 'x', 'y'), tie('field'), { minKeys: 2, noNullPrototype: true }),
    field: fc.oneof({ maxDepth: 3 }, { arbitrary: leaf, weight: 3 }, { arbitrary: tie('object'), weight: 3 }),
  })).object
  fc.assert(
    fc.property(pattern, event, (given, message) => {
      expect(matches(given, message)).toBe(isNaiveMatch(given, message))
    }),
    { numRuns: 1_000 },
  )
})
