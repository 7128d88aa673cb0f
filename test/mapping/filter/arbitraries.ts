// Random patterns and messages over alphabets small enough that they meet: a few keys, short texts, few numbers.

import fc from 'fast-check'

const letters = fc.constantFrom('a', 'a', 'a', 'b', 'A', 'é', 'É', '*', '\\')
const shortText = fc.array(letters, { maxLength: 3 }).map((parts) => parts.join(''))
/** Their texts differ where their values do: plain numbers are compared by text here and by value in event-ruler. */
const someNumber = fc.constantFrom(0, 1, 2, -1.5, 300)
const someAddress = fc.constantFrom('10.0.0.1', '10.0.1.9', '192.168.7.7', '2001:db8::1', '2001:db8:1:0:0:0:0:1', '::')
export const aText = fc.oneof({ arbitrary: shortText, weight: 6 }, { arbitrary: someAddress, weight: 1 })

const aScalar = fc.oneof(aText, someNumber, fc.boolean(), fc.constant(null))
const aKey = fc.constantFrom('a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c', 'a.b', '$or')

/** A JSON object: nested, with arrays of scalars, of objects and of arrays. */
export const anEvent = fc.letrec<{ object: object; value: unknown }>((tie) => ({
  object: fc.oneof(
    { arbitrary: fc.dictionary(aKey, tie('value'), { minKeys: 2, maxKeys: 4, noNullPrototype: true }), weight: 9 },
    { arbitrary: fc.constant({}), weight: 1 },
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    { arbitrary: aScalar, weight: 6 },
    { arbitrary: tie('object'), weight: 2 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 1 },
    { arbitrary: fc.array(tie('object'), { minLength: 1, maxLength: 3 }), weight: 2 },
  ),
})).object

/** A list is never empty: event-ruler takes `{ "anything-but": { "prefix": [] } }` beside others only, and matches nothing. */
const oneOrMore = <T>(entry: fc.Arbitrary<T>) => fc.oneof(entry, fc.array(entry, { minLength: 1, maxLength: 3 }))

const aRange = fc.oneof(
  fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), someNumber),
  fc.tuple(fc.constantFrom('>', '>='), fc.constantFrom(-1.5, 0), fc.constantFrom('<', '<='), fc.constantFrom(1, 2)),
)

const ignoringCase = shortText.map((text) => ({ 'equals-ignore-case': text }))
const notEmpty = shortText.filter((text) => text !== '')
const aWildcard = fc
  .array(fc.constantFrom('a', 'b', 'A', 'é', '1', '*', '\\*', '\\\\'), { maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((text) => !/\*\*/.test(text))

const anExpression = fc.oneof(
  shortText.map((prefix) => ({ prefix })),
  shortText.map((suffix) => ({ suffix })),
  ignoringCase,
  ignoringCase.map((prefix) => ({ prefix })),
  ignoringCase.map((suffix) => ({ suffix })),
  fc.boolean().map((exists) => ({ exists })),
  fc.boolean().map((exists) => ({ exists })),
  aRange.map((numeric) => ({ numeric })),
  aWildcard.map((wildcard) => ({ wildcard })),
  fc.oneof(oneOrMore(shortText), oneOrMore(someNumber)).map((not) => ({ 'anything-but': not })),
  fc
    .tuple(fc.constantFrom('prefix', 'suffix', 'equals-ignore-case'), oneOrMore(notEmpty))
    .map(([operator, operand]) => ({ 'anything-but': { [operator]: operand } })),
  oneOrMore(aWildcard).map((wildcard) => ({ 'anything-but': { wildcard } })),
)

const broken = fc.oneof(
  fc.constantFrom<unknown>(
    {},
    { prefix: 'a', suffix: 'b' },
    { unknown: 'a' },
    { prefix: 1 },
    { exists: 'true' },
    ['a'],
    { wildcard: 'a**' },
    { wildcard: 'a\\b' },
    { cidr: '10.0/8' },
    { cidr: '10.0.0.1/32' },
    { cidr: 'x' },
    { 'anything-but': [] },
    { 'anything-but': ['a', 1] },
    { 'anything-but': [true] },
    { 'anything-but': { numeric: ['=', 1] } },
    { 'anything-but': { prefix: '' } },
    { 'anything-but': { suffix: ['a', 1] } },
    { 'equals-ignore-case': null },
    { prefix: { suffix: 'a' } },
  ),
  fc
    .array(fc.oneof(fc.constantFrom<unknown>('<', '>', '<=', '=', '!='), someNumber), { maxLength: 5 })
    .map((numeric) => ({ numeric })),
)

const entriesOf = (expression: fc.Arbitrary<object>) =>
  fc.array(
    fc.oneof(
      { arbitrary: aScalar, weight: 30 },
      { arbitrary: expression, weight: 30 },
      { arbitrary: broken, weight: 2 },
    ),
    { minLength: 1, maxLength: 4 },
  )
const entries = entriesOf(anExpression)

// Wide ranges are left out: in event-ruler they take numbers and addresses of the other family too.
const aRangeOfAddresses = fc
  .constantFrom('10.0.0.0/24', '10.0.0.0/8', '128.0.0.0/1', '2001:db8::/32', '2001:db8:1::/48')
  .map((cidr) => ({ cidr }))

/** The pattern in `{ "value": … }` for plain text: a leaf array. */
export const aTextPattern = entriesOf(
  fc.oneof({ arbitrary: anExpression, weight: 5 }, { arbitrary: aRangeOfAddresses, weight: 1 }),
)

const fields = <T>(field: fc.Arbitrary<T>, keys: readonly string[], maxKeys: number) =>
  fc.dictionary(fc.constantFrom(...keys), field, { minKeys: 1, maxKeys, noNullPrototype: true })

const anOr = <T>(field: fc.Arbitrary<T>) => fc.array(fields(field, ['a', 'b', 'c'], 2), { minLength: 2, maxLength: 3 })

/** The pattern in `{ "value": … }` for JSON: an object of objects, leaf arrays and `$or`. */
export const aPattern = fc.letrec<{ object: object; field: unknown }>((tie) => ({
  object: fc.oneof(
    { arbitrary: fields(tie('field'), ['a', 'b', 'c', 'a.b'], 2), weight: 20 },
    {
      arbitrary: fc
        .tuple(fields(tie('field'), ['a', 'b', 'c', 'a.b'], 1), anOr(tie('field')))
        .map(([plain, $or]) => ({ ...plain, $or })),
      weight: 6,
    },
    { arbitrary: anOr(tie('field')).map(($or) => ({ $or })), weight: 6 },
  ),
  field: fc.oneof(
    { maxDepth: 2 },
    { arbitrary: entries, weight: 60 },
    { arbitrary: tie('object'), weight: 16 },
    { arbitrary: fc.constantFrom<unknown>({}, [], 'a', null), weight: 1 },
  ),
})).object
