// One entry of a leaf array in a pattern: a plain value, or an object with one operator. Lambda's own table has null, equals,
// equals-ignore-case, anything-but, numeric, exists, prefix and suffix; the others are EventBridge's ("the same syntax").

import { cidr } from './cidr.ts'
import { below, invalidPattern, type Place } from './invalid-pattern.ts'
import { isArray, isObject, type Json, type Leaf, numberOf, numberTextOf } from './leaf.ts'
import { numeric } from './numeric.ts'
import { equalsIgnoreCase, prefixIgnoreCase, suffixIgnoreCase, type TextMatch, wildcard } from './text-match.ts'

export type LeafMatch = (leaf: Leaf) => boolean

/** What one entry accepts: a leaf, or that there is none. */
export type Expression =
  | { readonly kind: 'leaf'; readonly matches: LeafMatch; readonly comparesNumberText: boolean }
  | { readonly kind: 'absent' }

const leaf = (matches: LeafMatch): Expression => ({ kind: 'leaf', matches, comparesNumberText: false })
const text = (matches: TextMatch): Expression => leaf((value) => typeof value === 'string' && matches(value))

/** @throws LocalError naming the path, in event-ruler's words */
export function compileExpression(value: Json, place: Place): Expression {
  if (isArray(value)) throw invalidPattern(place, 'Match value must be String, number, true, false, or null')
  if (!isObject(value)) return plain(value)
  const [operator, ...others] = Object.keys(value)
  if (operator === undefined) throw invalidPattern(place, 'Match expression name not found')
  if (others.length > 0) throw invalidPattern(place, 'Only one key allowed in match expression')
  return compileOperator(operator, value[operator] ?? null, below(place, operator))
}

function plain(value: Leaf): Expression {
  const number = numberTextOf(value)
  if (number === undefined) return leaf((candidate) => candidate === value)
  return { kind: 'leaf', matches: (candidate) => numberTextOf(candidate) === number, comparesNumberText: true }
}

function compileOperator(operator: string, operand: Json, place: Place): Expression {
  switch (operator) {
    case 'exists':
      if (typeof operand !== 'boolean') throw invalidPattern(place, 'exists match pattern must be either true or false')
      return operand ? leaf(() => true) : { kind: 'absent' }
    case 'equals-ignore-case':
      return text(equalsIgnoreCase(textOperand(operand, operator, place)))
    case 'numeric': {
      const matches = numeric(operand, place)
      return leaf((candidate) => {
        const number = numberOf(candidate)
        return number !== undefined && matches(number)
      })
    }
    case 'prefix':
    case 'suffix':
      return text(edge(operator, operand, place))
    case 'anything-but':
      return anythingBut(operand, place)
    case 'wildcard':
      return text(wildcard(textOperand(operand, operator, place), place))
    case 'cidr':
      return text(cidr(textOperand(operand, operator, place), place))
    default:
      throw invalidPattern(place, `Unrecognized match type ${operator}`)
  }
}

function textOperand(operand: Json, operator: string, place: Place): string {
  if (typeof operand !== 'string') throw invalidPattern(place, `${operator} match pattern must be a string`)
  return operand
}

/** `{ "prefix": "us-" }` or `{ "prefix": { "equals-ignore-case": "US-" } }`. */
function edge(operator: 'prefix' | 'suffix', operand: Json, place: Place): TextMatch {
  if (!isObject(operand)) {
    const expected = textOperand(operand, operator, place)
    return operator === 'prefix' ? (value) => value.startsWith(expected) : (value) => value.endsWith(expected)
  }
  const [inner, ...others] = Object.keys(operand)
  if (inner !== 'equals-ignore-case') throw invalidPattern(place, `Unsupported ${operator} pattern: ${inner}`)
  if (others.length > 0) throw invalidPattern(place, 'Only one key allowed in match expression')
  const expected = textOperand(operand[inner] ?? null, inner, place)
  return operator === 'prefix' ? prefixIgnoreCase(expected) : suffixIgnoreCase(expected)
}

/** Any leaf but those named; a field that is not there is not a leaf. */
function anythingBut(operand: Json, place: Place): Expression {
  if (isObject(operand)) {
    const excluded = anythingButText(operand, place)
    return leaf((candidate) => typeof candidate !== 'string' || !excluded.some((matches) => matches(candidate)))
  }
  const values = isArray(operand) ? operand : [operand]
  if (values.length === 0) throw invalidPattern(place, 'Empty arrays are not allowed')
  const numbers = new Set(values.map(numberOf))
  const texts = new Set<Json>(values)
  if (values.every((value) => typeof value === 'string')) return leaf((candidate) => !texts.has(candidate))
  if (numbers.has(undefined))
    throw invalidPattern(place, 'Inside anything-but, all values must be strings or all must be numbers')
  return leaf((candidate) => {
    const number = numberOf(candidate)
    return number === undefined || !numbers.has(number)
  })
}

/** EventBridge's `{ "anything-but": { "prefix": "init" } }`, also with a list, also suffix, wildcard, equals-ignore-case. */
function anythingButText(operand: Readonly<Record<string, Json>>, place: Place): readonly TextMatch[] {
  const [operator, ...others] = Object.keys(operand)
  if (operator === undefined) throw invalidPattern(place, 'Anything-But expression name not found')
  if (others.length > 0) throw invalidPattern(place, 'Only one key allowed in match expression')
  const value = operand[operator] ?? null
  const values = isArray(value) ? value : [value]
  if (values.length === 0) throw invalidPattern(place, 'Empty arrays are not allowed')
  return values.map((entry) => {
    const expected = textOperand(entry, operator, below(place, operator))
    switch (operator) {
      case 'prefix':
      case 'suffix':
        if (expected === '') throw invalidPattern(place, 'Null prefix/suffix not allowed')
        return edge(operator, expected, place)
      case 'equals-ignore-case':
        return equalsIgnoreCase(expected)
      case 'wildcard':
        return wildcard(expected, place)
      default:
        throw invalidPattern(place, `Unsupported anything-but pattern: ${operator}`)
    }
  })
}
