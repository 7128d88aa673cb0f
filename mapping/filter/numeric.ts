// `{ "numeric": [">", 10, "<=", 20] }`: one comparison, or a range with its lower bound first, as event-ruler takes it. Only
// JSON numbers match, by value: 300 and 3.0e2 are one number here, unlike plain numbers in a pattern.

import { invalidPattern, type Place } from './invalid-pattern.ts'
import { isArray, type Json, numberOf } from './leaf.ts'

export type NumberMatch = (value: number) => boolean

const comparisons = new Map<string, (bound: number) => NumberMatch>([
  ['=', (bound) => (value) => value === bound],
  ['<', (bound) => (value) => value < bound],
  ['<=', (bound) => (value) => value <= bound],
  ['>', (bound) => (value) => value > bound],
  ['>=', (bound) => (value) => value >= bound],
])

/** @throws LocalError in event-ruler's words */
export function numeric(expression: Json, place: Place): NumberMatch {
  if (!isArray(expression)) throw invalidPattern(place, 'Value of numeric must be an array')
  const [operator, bound, second, top, ...rest] = expression
  const first = comparison(operator, bound, place)
  if (second === undefined) return first.matches
  if (operator !== '>' && operator !== '>=')
    throw invalidPattern(place, 'Too many elements in numeric expression: a range begins with > or >=')
  if (second !== '<' && second !== '<=')
    throw invalidPattern(place, `Bad numeric range operator: ${JSON.stringify(second)}`)
  const last = comparison(second, top, place)
  if (rest.length > 0) throw invalidPattern(place, 'Too many terms in numeric range expression')
  if (first.bound >= last.bound) throw invalidPattern(place, 'Bottom must be less than top')
  return (value) => first.matches(value) && last.matches(value)
}

function comparison(operator: Json | undefined, bound: Json | undefined, place: Place) {
  if (typeof operator !== 'string')
    throw invalidPattern(place, `Invalid member in numeric match: ${JSON.stringify(operator ?? null)}`)
  const compare = comparisons.get(operator)
  if (compare === undefined) throw invalidPattern(place, `Unrecognized numeric range operator: ${operator}`)
  const value = bound === undefined ? undefined : numberOf(bound)
  if (value === undefined) throw invalidPattern(place, `Value of ${operator} must be numeric`)
  return { matches: compare(value), bound: value }
}
