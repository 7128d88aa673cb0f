import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileFilters } from '../../../mapping/filter/filters.ts'
import { anEvent, aPattern } from './arbitraries.ts'
import { isNaiveMatch } from './naive.ts'

/** Whether one JSON message passes one pattern for the fields of the message. */
const passes = (pattern: unknown, message: unknown): boolean =>
  compileFilters([{ value: pattern }]).matches(Buffer.from(JSON.stringify(message)))

/** The same for a leaf array and the field `f`; `undefined` leaves the field out. */
const leafPasses = (entries: readonly unknown[], value: unknown): boolean =>
  passes({ f: entries }, { f: value, other: 1 })

const textPasses = (entries: readonly unknown[], text: string): boolean =>
  compileFilters([{ value: entries }]).matches(Buffer.from(text))

/** What a leaf array takes and what it drops. */
const operators: ReadonlyArray<readonly [string, readonly unknown[], readonly unknown[], readonly unknown[]]> = [
  ['null matches null, not an absent field or "null"', [null], [null], [undefined, 'null', 0, '']],
  ['an empty string matches itself only', [''], [''], [null, ' ', undefined]],
  ['strings are equal character by character, case included', ['Ann'], ['Ann'], ['ann', 'Anna', ' Ann']],
  ['true and false match themselves, not their texts', [true], [true], ['true', false, 1]],
  ['a number does not match its text, nor the text the number', [300], [300], ['300', 301]],
  ['values of one array are alternatives', ['a', 1, null], ['a', 1, null], ['b', 2, undefined]],
  ['equals-ignore-case', [{ 'equals-ignore-case': 'Alice' }], ['alice', 'ALICE'], ['alic', 'alice ', 1]],
  ['prefix', [{ prefix: 'us-' }], ['us-east-1', 'us-'], ['US-east', 'eu-us-', 1, null, undefined]],
  ['suffix', [{ suffix: '.png' }], ['a.png', '.png'], ['a.PNG', 'a.png.txt', 1]],
  [
    'prefix without case',
    [{ prefix: { 'equals-ignore-case': 'EVENT' } }],
    ['eventBridge', 'EVENT'],
    ['even', 'an event'],
  ],
  ['suffix without case', [{ suffix: { 'equals-ignore-case': '.PNG' } }], ['a.png', 'A.Png'], ['a.png ']],
  ['an empty prefix matches every string and nothing else', [{ prefix: '' }], ['', 'x'], [1, null, true]],
  ['anything-but one string', [{ 'anything-but': 'init' }], ['run', '', 1, null, true], ['init', undefined]],
  ['anything-but a list of strings', [{ 'anything-but': ['a', 'b'] }], ['c', 1, null], ['a', 'b', undefined]],
  ['anything-but a number, by value', [{ 'anything-but': 300 }], [301, '300', null], [300, undefined]],
  ['anything-but a list of numbers', [{ 'anything-but': [1, 2] }], [3, '1'], [1, 2]],
  ['anything-but a prefix', [{ 'anything-but': { prefix: 'in' } }], ['out', 1], ['init', undefined]],
  [
    'anything-but a list of suffixes',
    [{ 'anything-but': { suffix: ['.txt', '.rtf'] } }],
    ['a.png', 1],
    ['a.txt', 'a.rtf'],
  ],
  ['anything-but without case', [{ 'anything-but': { 'equals-ignore-case': ['A', 'b'] } }], ['c', 1], ['a', 'B']],
  ['anything-but wildcards', [{ 'anything-but': { wildcard: '*/lib/*' } }], ['lib', 1], ['a/lib/b']],
  ['numeric =', [{ numeric: ['=', 100] }], [100], [100.5, '100', null]],
  ['numeric range, one end open', [{ numeric: ['>', 10, '<=', 20] }], [10.5, 20], [10, 20.5, '15']],
  ['numeric <', [{ numeric: ['<', -1.5] }], [-2, -1e300], [-1.5, 0]],
  ['numeric >=', [{ numeric: ['>=', 0] }], [0, 1e300], [-1e-9]],
  [
    'exists: true takes any leaf, null included',
    [{ exists: true }],
    [null, '', 0, false],
    [undefined, {}, [], { a: 1 }],
  ],
  ['exists: false takes no leaf; an object is none', [{ exists: false }], [undefined, {}, [], { a: 1 }], [null, '', 0]],
  ['exists: false beside a value', ['a', { exists: false }], ['a', undefined], ['b']],
  ['wildcard', [{ wildcard: 'dir/*.png' }], ['dir/a.png', 'dir/.png', 'dir/x/a.png'], ['dir/a.jpg', 'adir/a.png']],
  ['wildcard with an escaped asterisk', [{ wildcard: 'a\\*b\\\\*' }], ['a*b\\', 'a*b\\x'], ['axb\\', 'a*b']],
  ['wildcard parts do not overlap', [{ wildcard: 'aba*aba' }], ['abaaba', 'aba-aba'], ['aba', 'ababa']],
  ['several wildcards keep their order', [{ wildcard: '*a*b*c' }], ['abc', 'xaybzc'], ['bac', 'cba']],
  ['cidr of IPv4', [{ cidr: '10.0.0.0/24' }], ['10.0.0.0', '10.0.0.255'], ['10.0.1.0', 'hello', '::', 10]],
  ['cidr of IPv6', [{ cidr: '2001:db8::/32' }], ['2001:db8:ffff::1', '2001:DB8::'], ['2001:db9::', '10.0.0.1']],
  ['an array matches if any of its elements does', ['b'], [['a', 'b'], [['b']], 'b'], [['a'], [], [{ b: 'b' }]]],
  [
    'anything-but and an array: one other element is enough',
    [{ 'anything-but': ['a'] }],
    [['a', 'b']],
    [['a', 'a'], []],
  ],
]

describe('an entry of a leaf array', () => {
  test.each(operators)('%s', (_, entries, taken, dropped) => {
    for (const value of taken) expect([value, leafPasses(entries, value)]).toEqual([value, true])
    for (const value of dropped) expect([value, leafPasses(entries, value)]).toEqual([value, false])
  })
})

describe('fields', () => {
  test('of one pattern are ANDed, at any depth, and others are ignored', () => {
    const pattern = { a: [1], b: { c: ['x'], d: [true] } }
    expect(passes(pattern, { a: 1, b: { c: 'x', d: true, e: 0 }, z: [] })).toBe(true)
    expect(passes(pattern, { a: 1, b: { c: 'x', d: false } })).toBe(false)
    expect(passes(pattern, { a: 1 })).toBe(false)
  })

  test('$or takes one of its objects, beside fields, nested, in parallel', () => {
    const pattern = { kind: ['k'], $or: [{ a: [1] }, { b: [2], $or: [{ c: [3] }, { d: { e: [4] } }] }] }
    expect(passes(pattern, { kind: 'k', a: 1 })).toBe(true)
    expect(passes(pattern, { kind: 'k', b: 2, d: { e: 4 } })).toBe(true)
    expect(passes(pattern, { kind: 'k', b: 2 })).toBe(false)
    expect(passes(pattern, { a: 1 })).toBe(false)
  })

  test('$or may stand above value', () => {
    const { matches } = compileFilters([{ $or: [{ value: { a: [1] } }, { value: { b: [1] } }] }])
    expect(matches(Buffer.from('{"b":1}'))).toBe(true)
    expect(matches(Buffer.from('{"c":1}'))).toBe(false)
  })

  test('are found through arrays, several levels deep', () => {
    const people = [[{ name: 'John' }, { name: 'Anna' }], [{ name: 'Peter' }]]
    expect(passes({ people: { name: ['Peter'] } }, { people })).toBe(true)
    expect(passes({ people: { name: ['Jane'] } }, { people })).toBe(false)
  })

  test('from different elements of one array are no match', () => {
    const message = {
      people: [
        { first: 'Anna', last: 'Smith' },
        { first: 'Peter', last: 'Jones' },
      ],
    }
    expect(passes({ people: { first: ['Anna'], last: ['Smith'] } }, message)).toBe(true)
    expect(passes({ people: { first: ['Anna'], last: ['Jones'] } }, message)).toBe(false)
  })

  test('of different arrays are free of each other', () => {
    expect(passes({ a: { x: [2] }, b: { x: [1] } }, { a: [{ x: 1 }, { x: 2 }], b: [{ x: 1 }, { x: 2 }] })).toBe(true)
  })

  test('absent from the element chosen count as absent', () => {
    const pattern = { items: { a: [1], b: [{ exists: false }] } }
    expect(passes(pattern, { items: [{ a: 1 }, { a: 2, b: 1 }] })).toBe(true)
    expect(passes(pattern, { items: [{ a: 1, b: 1 }, { a: 2 }] })).toBe(false)
  })

  test('with a dot in their name are the same as nested ones', () => {
    expect(passes({ 'a.b': [1] }, { a: { b: 1 } })).toBe(true)
    expect(passes({ a: { b: [1] } }, { 'a.b': 1 })).toBe(true)
  })

  test('named as members of Object.prototype are fields like others', () => {
    expect(passes({ constructor: [{ exists: true }] }, { a: 1 })).toBe(false)
    expect(passes(JSON.parse('{"__proto__":["x"]}'), JSON.parse('{"__proto__":"x"}'))).toBe(true)
  })
})

test('plain numbers are equal by their text: 300, 300.0 and 3.0e2 are three', () => {
  const { matches } = compileFilters(['{"value":{"n":[300]}}'])
  expect(['300', '300.0', '3.0e2', '[1, 300]'].map((n) => matches(Buffer.from(`{"n":${n}}`)))).toEqual([
    true,
    false,
    false,
    true,
  ])
  const long = compileFilters(['{"value":{"n":[123456789012345678901]}}'])
  expect(long.matches(Buffer.from('{"n":123456789012345678901}'))).toBe(true)
  expect(long.matches(Buffer.from('{"n":123456789012345678902}'))).toBe(false)
  expect(leafPasses([{ numeric: ['=', 300] }], 300)).toBe(true)
  expect(compileFilters(['{"value":{"n":[{"numeric":["=",300]}]}}']).matches(Buffer.from('{"n":3.0e2}'))).toBe(true)
})

test('filters are ORed; no filter lets everything through', () => {
  const { matches } = compileFilters([{ value: { a: [1] } }, '{"value":{"b":[2]}}'])
  expect([{ a: 1 }, { b: 2 }, { a: 2, b: 1 }].map((value) => matches(Buffer.from(JSON.stringify(value))))).toEqual([
    true,
    true,
    false,
  ])
  expect(compileFilters([]).matches(Buffer.from('x'))).toBe(true)
})

describe('kind of message and kind of pattern', () => {
  const json = compileFilters([{ value: { level: ['error'] } }])
  const text = compileFilters([{ value: [{ prefix: 'error' }] }])

  test('plain text, pattern for plain text: filtered', () => {
    expect(textPasses([{ prefix: 'error' }], 'error: disk full')).toBe(true)
    expect(textPasses([{ prefix: 'error' }], 'info')).toBe(false)
    expect(textPasses([''], '')).toBe(true)
    expect(textPasses([{ 'anything-but': ['error'] }], 'error')).toBe(false)
  })

  test('JSON, pattern for JSON: filtered, also an array at the root', () => {
    expect(json.matches(Buffer.from(' \n{"level":"error"}'))).toBe(true)
    expect(json.matches(Buffer.from('{"level":"info"}'))).toBe(false)
    expect(json.matches(Buffer.from('[{"level":"info"},{"level":"error"}]'))).toBe(true)
    expect(json.matches(Buffer.from('[]'))).toBe(false)
  })

  test('plain text, pattern for JSON: not dropped by it', () => {
    for (const message of ['info', '', '{"level":', '{level:1}', '42'])
      expect(json.matches(Buffer.from(message))).toBe(true)
  })

  test('JSON, pattern for plain text: not dropped by it', () => {
    for (const message of ['{"level":"info"}', '[1]']) expect(text.matches(Buffer.from(message))).toBe(true)
  })

  test('a lone JSON scalar is taken for the text that it also is', () => {
    expect(textPasses(['42'], '42')).toBe(true)
    expect(textPasses(['42'], '43')).toBe(false)
    expect(textPasses(['"a"'], '"a"')).toBe(true)
  })

  test('not UTF-8: not dropped by any pattern', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d])
    expect(json.matches(bytes)).toBe(true)
    expect(text.matches(bytes)).toBe(true)
  })

  test('a tombstone is not dropped by any pattern', () => {
    expect(json.matches(null)).toBe(true)
    expect(text.matches(null)).toBe(true)
  })
})

const refusals: ReadonlyArray<readonly [string, unknown, RegExp]> = [
  ['text that is not JSON', '{"value":', /it is not JSON/],
  ['a filter that is not an object', '["value"]', /Filter is not an object/],
  ['an empty pattern', {}, /Empty objects are not allowed/],
  ['over 4,096 characters', { value: { a: ['x'.repeat(4090)] } }, /\d+ characters; at most 4096 are allowed/],
  [
    'a key other than value',
    { eventName: ['INSERT'] },
    /"eventName" cannot be filtered on: .* only support filtering on the "value" key/,
  ],
  ['a key beside value', { value: ['a'], topic: ['t'] }, /"topic" cannot be filtered on/],
  ['a leaf that is not an array', { value: { price: 3 } }, /at value\.price: "price" must be an object or an array/],
  ['an empty array', { value: { a: [] } }, /at value\.a: Empty arrays are not allowed/],
  ['an empty object', { value: { a: {} } }, /at value\.a: Empty objects are not allowed/],
  ['an array in a leaf array', { value: { a: [['x']] } }, /Match value must be String, number, true, false, or null/],
  [
    'an unknown operator',
    { value: { a: [{ startsWith: 'x' }] } },
    /at value\.a\.startsWith: Unrecognized match type startsWith/,
  ],
  ['two operators in one entry', { value: { a: [{ prefix: 'x', suffix: 'y' }] } }, /Only one key allowed/],
  ['exists with a text', { value: { a: [{ exists: 'yes' }] } }, /exists match pattern must be either true or false/],
  ['a range from its upper end', { value: { a: [{ numeric: ['<', 3, '>', 1] }] } }, /a range begins with > or >=/],
  ['an empty range', { value: { a: [{ numeric: ['>', 3, '<', 3] }] } }, /Bottom must be less than top/],
  ['a comparison with a text', { value: { a: [{ numeric: ['>', '3'] }] } }, /Value of > must be numeric/],
  ['an unknown comparison', { value: { a: [{ numeric: ['!=', 3] }] } }, /Unrecognized numeric range operator: !=/],
  [
    'anything-but of mixed types',
    { value: { a: [{ 'anything-but': ['x', 1] }] } },
    /all values must be strings or all must be numbers/,
  ],
  ['two asterisks in a row', { value: { a: [{ wildcard: 'a**' }] } }, /Consecutive wildcard characters at pos 2/],
  ['an escape of a letter', { value: { a: [{ wildcard: 'a\\n' }] } }, /Invalid escape character at pos 1/],
  ['a mask that leaves no bit', { value: { a: [{ cidr: '10.0.0.1/32' }] } }, /mask bits must be < 32/],
  ['an $or of one object', { value: { $or: [{ a: [1] }] } }, /at least 2 Objects in \$or/],
  [
    'an operator as a field of $or',
    { value: { $or: [{ prefix: ['a'] }, { a: [1] }] } },
    /prefix is Ruler reserved fieldName/,
  ],
  [
    'over 1,000 combinations of $or',
    {
      value: Object.fromEntries(
        ['a', 'b', 'c'].map((key) => [key, { $or: Array.from({ length: 11 }, () => ({ x: [1] })) }]),
      ),
    },
    /over 1000 rule combinations/,
  ],
]

describe('refused at start, naming filter and path', () => {
  test.each(refusals)('%s', (_, pattern, message) => {
    const compile = () => compileFilters([{ value: ['ok'] }, pattern], 'functions.bars.events[0].kafka.filterPatterns')
    expect(compile).toThrow(message)
    expect(compile).toThrow(
      /^functions\.bars\.events\[0\]\.kafka\.filterPatterns\[1\]: Invalid filter pattern definition/,
    )
  })

  test('more than ten filters; six to ten are noted, since AWS grants them on request', () => {
    const filters = (count: number) => compileFilters(Array.from({ length: count }, () => ({ value: ['a'] })))
    expect(() => filters(11)).toThrow('11 filters; a mapping has 5, on request 10')
    expect(filters(6).notices).toEqual([expect.stringContaining('more than 5 only on request')])
    expect(filters(5).notices).toEqual([])
  })
})

test('whatever a pattern and a message are, they match as the naive evaluator says', () => {
  let matched = 0
  fc.assert(
    fc.property(aPattern, anEvent, (pattern, event) => {
      const text = JSON.stringify({ value: pattern })
      let filters: ReturnType<typeof compileFilters>
      try {
        filters = compileFilters([text])
      } catch {
        fc.pre(false)
        return
      }
      const expected = isNaiveMatch(pattern, event)
      matched += expected ? 1 : 0
      expect(filters.matches(Buffer.from(JSON.stringify(event)))).toBe(expected)
    }),
    { numRuns: 1_000 },
  )
  expect(matched).toBeGreaterThan(20)
})

test('any bytes get an answer', () => {
  const { matches } = compileFilters([{ value: { a: [1, { prefix: 'x' }] } }])
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof matches(Buffer.from(bytes)) === 'boolean'))
  fc.assert(fc.property(fc.json(), (json) => typeof matches(Buffer.from(json)) === 'boolean'))
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  expect(typeof matches(Buffer.from(deep))).toBe('boolean')
})
