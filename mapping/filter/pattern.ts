// A pattern as its branches: `$or` multiplied out, so that each branch is a set of fields that must all match. Paths are
// joined with dots, as event-ruler does, hence `{ "a.b": … }` and `{ "a": { "b": … } }` are one path, in messages too.

import * as limits from '../settings/limits.ts'
import { below, invalidPattern, type Place } from './invalid-pattern.ts'
import { isArray, isObject, type Json, type JsonObject, type Leaf } from './leaf.ts'
import { compileExpression, type LeafMatch } from './match-expression.ts'

/** What the leaf array of one path accepts. */
export interface FieldTest {
  readonly matches: LeafMatch
  /** `{ "exists": false }` is among its entries. */
  readonly acceptsAbsence: boolean
  /** A plain number is among them: messages are to be read with the text of their numbers. */
  readonly comparesNumberText: boolean
}

/** Path -> test; all must be met. */
export type Branch = ReadonlyMap<string, FieldTest>

/** What `$or` cannot have as a field: event-ruler's Constants.RESERVED_FIELD_NAMES_IN_OR_RELATIONSHIP. */
const reservedInOr = new Set(
  ['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'numeric', 'wildcard', 'anything-but', 'exists', 'cidr'].concat(
    ['=', '<', '<=', '>', '>='],
  ),
)

/**
 * @throws LocalError naming filter and path
 * @example compilePattern({ value: { a: [1], $or: [{ b: [2] }, { c: [3] }] } }, place) // two branches
 */
export function compilePattern(pattern: Json, place: Place): readonly Branch[] {
  if (!isObject(pattern)) throw invalidPattern(place, 'Filter is not an object')
  const branches = withObject([new Map()], pattern, '', place)
  for (const path of branches.flatMap((branch) => [...branch.keys()]))
    if (path !== 'value' && !path.startsWith('value.'))
      throw invalidPattern(
        place,
        `"${path}" cannot be filtered on: MSK and self-managed Kafka only support filtering on the "value" key, ` +
          'so write { "value": { … } } for a JSON message, { "value": [ … ] } for plain text',
      )
  return branches
}

function withObject(
  branches: readonly Branch[],
  object: JsonObject,
  path: string,
  place: Place,
  isInOr = false,
): readonly Branch[] {
  const entries = Object.entries(object)
  if (entries.length === 0) throw invalidPattern(place, 'Empty objects are not allowed')
  let all = branches
  for (const [key, value] of entries) {
    const at = below(place, key)
    const name = path === '' ? key : `${path}.${key}`
    if (key === '$or') all = withOr(all, value, path, at)
    else if (isInOr && reservedInOr.has(key))
      throw invalidPattern(at, `${key} is Ruler reserved fieldName which cannot be used inside $or`)
    else if (isObject(value)) all = withObject(all, value, name, at, isInOr)
    else if (isArray(value)) {
      const test = fieldTest(value, at)
      all = all.map((branch) => new Map(branch).set(name, test))
    } else throw invalidPattern(at, `"${key}" must be an object or an array`)
  }
  return all
}

/** event-ruler takes an `$or` of another shape for a field of that name; here it is refused, since it is hardly ever meant. */
function withOr(branches: readonly Branch[], parts: Json, path: string, place: Place): readonly Branch[] {
  if (!isArray(parts)) throw invalidPattern(place, 'It must be an Array followed with $or')
  if (parts.length < 2) throw invalidPattern(place, 'There must have at least 2 Objects in $or relationship')
  const all = parts.flatMap((part, index) => {
    if (!isObject(part)) throw invalidPattern(place, 'Only JSON object is allowed in array of $or relationship')
    return withObject(branches, part, path, below(place, String(index)), true)
  })
  if (all.length > limits.maxFilterCombinations)
    throw invalidPattern(place, `there are over ${limits.maxFilterCombinations} rule combinations`)
  return all
}

function fieldTest(entries: readonly Json[], place: Place): FieldTest {
  if (entries.length === 0) throw invalidPattern(place, 'Empty arrays are not allowed')
  const expressions = entries.map((entry) => compileExpression(entry, place))
  const matches = expressions.flatMap((expression) => (expression.kind === 'leaf' ? [expression.matches] : []))
  return {
    matches: (leaf: Leaf) => matches.some((matchesLeaf) => matchesLeaf(leaf)),
    acceptsAbsence: expressions.some(({ kind }) => kind === 'absent'),
    comparesNumberText: expressions.some((expression) => expression.kind === 'leaf' && expression.comparesNumberText),
  }
}
