// The FilterCriteria of a mapping as one question about a record's value (Lambda developer guide, "Filtering events from
// Amazon MSK and self-managed Apache Kafka"): filters are ORed; a value that a filter's pattern does not fit in kind (text
// for a JSON pattern, JSON for a text pattern, not UTF-8) is not dropped by it. It neither fetches, counts nor commits.

import { isUtf8 } from 'node:buffer'
import { LocalError } from '../error.ts'
import * as limits from '../settings/limits.ts'
import { isConsistentMatch, isPossibleMatch } from './consistent-match.ts'
import { parseDeepJson } from './deep-json.ts'
import type { PathTest } from './element-tree.ts'
import { type FieldReader, fieldReader } from './fields.ts'
import { invalidPattern } from './invalid-pattern.ts'
import { isArray, isObject, type Json, type JsonObject, parseJson } from './leaf.ts'
import { type Branch, compilePattern, type FieldTest } from './pattern.ts'

export interface Filters {
  /** Whether a record with this value goes to the function. Answers for any bytes; does not throw. */
  readonly matches: (value: Buffer | null) => boolean
  /** Patterns that are allowed on some accounts only; for the log at start. */
  readonly notices: readonly string[]
}

type Message = { readonly kind: 'json'; readonly value: Json } | { readonly kind: 'text'; readonly text: string }

/** One branch, by kind of message; undefined where it says nothing about that kind. */
interface CompiledBranch {
  readonly text: FieldTest | undefined
  readonly json: { readonly read: FieldReader; readonly tests: readonly PathTest[] } | undefined
}

/**
 * @param patterns each as JSON text, as AWS takes it, or as an object, as serverless.yml has it
 * @param where what the patterns are called in messages: `functions.bars.events[0].kafka.filterPatterns`
 * @throws LocalError SETTINGS_INVALID naming the filter and the path in it
 * @example
 * const { matches } = compileFilters([{ value: { price: [{ numeric: ['>', 100] }] } }])
 * matches(Buffer.from('{"price": 150.5}')) // true
 */
export function compileFilters(patterns: readonly unknown[], where = 'filterPatterns'): Filters {
  const { filterCount } = limits
  if (patterns.length > filterCount.max)
    throw new LocalError(
      'SETTINGS_INVALID',
      `${where}: ${patterns.length} filters; a mapping has ${filterCount.default}, on request ${filterCount.max}.`,
    )
  const notices =
    patterns.length > filterCount.default
      ? [`${where}: ${patterns.length} filters; AWS allows more than ${filterCount.default} only on request`]
      : []
  const branches = patterns.flatMap((pattern, index) => compileFilter(pattern, `${where}[${index}]`))
  if (branches.length === 0) return { matches: () => true, notices }

  const keepsNumberText = branches.some((branch) => [...branch.values()].some((test) => test.comparesNumberText))
  const compiled = branches.map(compileBranch)
  return {
    notices,
    matches: (value) => {
      const message = value === null ? undefined : messageOf(value, keepsNumberText)
      // A tombstone has no data to filter; AWS does not say what becomes of it. It is let through, as what is not UTF-8.
      if (message === undefined) return true
      return compiled.some((branch) => accepts(branch, message))
    },
  }
}

function compileFilter(pattern: unknown, filter: string): readonly Branch[] {
  const place = { filter, path: [] }
  const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern)
  if (text === undefined) throw invalidPattern(place, 'Filter is not an object')
  if (text.length > limits.maxFilterPatternLength)
    throw invalidPattern(place, `${text.length} characters; at most ${limits.maxFilterPatternLength} are allowed`)
  let json: Json
  try {
    json = parseJson(text, true)
  } catch (error) {
    throw new LocalError('SETTINGS_INVALID', `${filter}: Invalid filter pattern definition: it is not JSON.`, {
      cause: error,
    })
  }
  return compilePattern(json, place)
}

function compileBranch(branch: Branch): CompiledBranch {
  const paths = [...branch.keys()].filter((path) => path !== 'value').sort()
  const tests = paths.flatMap((path, slot) => {
    const test = branch.get(path)
    return test === undefined ? [] : [{ slot, test }]
  })
  return { text: branch.get('value'), json: paths.length === 0 ? undefined : { read: fieldReader(paths), tests } }
}

function accepts({ text, json }: CompiledBranch, message: Message): boolean {
  if (message.kind === 'text') return text === undefined || text.matches(message.text)
  if (json === undefined) return true
  const fields = json.read(message.value)
  return isPossibleMatch(json.tests, fields) && isConsistentMatch(json.tests, fields)
}

const openingBrace = 0x7b
const openingBracket = 0x5b

/** Undefined where it is not UTF-8. A lone JSON scalar (`42`, `"a"`) is taken for the plain text that it also is. */
function messageOf(value: Buffer, keepsNumberText: boolean): Message | undefined {
  if (!isUtf8(value)) return undefined
  const text = value.toString('utf8')
  const first = value[leadingSpaces(value)]
  if (first !== openingBrace && first !== openingBracket) return { kind: 'text', text }
  const json = containerOf(text, keepsNumberText)
  return json === undefined ? { kind: 'text', text } : { kind: 'json', value: json }
}

function leadingSpaces(value: Buffer): number {
  let index = 0
  while (' \t\r\n'.includes(String.fromCharCode(value[index] ?? 0))) index += 1
  return index
}

function containerOf(text: string, keepsNumberText: boolean): JsonObject | readonly Json[] | undefined {
  let json: Json
  try {
    json = parseJson(text, keepsNumberText)
  } catch (error) {
    // A value that is not JSON is text, which is an answer here and not an error. One that only nests too deep for a reviver is JSON.
    if (error instanceof SyntaxError) return undefined
    json = parseDeepJson(text) as Json
  }
  return isObject(json) || isArray(json) ? json : undefined
}
