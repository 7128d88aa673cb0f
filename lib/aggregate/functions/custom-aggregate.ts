// An aggregate that a query's author wrote: the same port as the built-in ones (aggregator.ts), with what is easy to forget
// checked where it can be. Its laws are checked by its author's tests: checkAggregateLaws of microbatch/testing.

import type { Column } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { Coordinates } from '../../event/located-row.ts'
import { valueText } from '../../types/text/value-text.ts'
import type { Aggregator } from '../aggregator.ts'

/**
 * What an aggregate of one's own is made of. The order of the rows, and how they were split into batches, must not matter:
 * what depends on an order goes by `at`. `add` and `merge` may change the accumulators that they are given.
 */
export interface AggregateDefinition<Row, Accumulator, Value> {
  /** The output column: how it prints, and whether it may be null. */
  readonly column: Column<Value>
  /** From 1 up; a part of the kept state's fingerprint. Count it up when old accumulators no longer mean the same. */
  readonly version: number
  /** The accumulator of no row, a new one each time. */
  init(): Accumulator
  /** @param at the row's place: topic, partition, offset and Kafka timestamp */
  add(accumulator: Accumulator, row: Row, at: Coordinates): Accumulator
  /** The accumulator of all rows of both. */
  merge(left: Accumulator, right: Accumulator): Accumulator
  result(accumulator: Accumulator): Value
  /** The accumulator as it is kept between batches, as JSON. @default the accumulator itself, which must be JSON then */
  encode?(accumulator: Accumulator): unknown
  /** The inverse of `encode`. @default what was kept */
  decode?(encoded: unknown): Accumulator
}

/** What `aggregate(…)` gives and `agg` takes. */
export interface CustomAggregate<Row, Value> {
  readonly kind: 'custom'
  readonly aggregator: Aggregator<Row, unknown>
  /** In the types only: the rows that it takes and what it gives. */
  readonly '~row'?: (row: Row) => void
  readonly '~value'?: Value
}

const functions = ['init', 'add', 'merge', 'result'] as const

/**
 * An aggregate of your own, for `agg`.
 *
 * @throws MicrobatchError QUERY_INVALID for a definition that lacks a function, or has an `encode` without a `decode`
 * @example
 * const range = aggregate<Tick, { low: number; high: number } | null, number>({
 *   column: double(),
 *   version: 1,
 *   init: () => null,
 *   add: (range, { price }) => ({
 *     low: Math.min(price, range?.low ?? price),
 *     high: Math.max(price, range?.high ?? price),
 *   }),
 *   merge: (a, b) => (a && b ? { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) } : (a ?? b)),
 *   result: (range) => (range === null ? 0 : range.high - range.low),
 * })
 * ticks.groupBy('symbol').agg({ range }) // rows of { symbol: string, range: number }
 */
export function aggregate<Row, Accumulator, Value>(
  definition: AggregateDefinition<Row, Accumulator, Value>,
): CustomAggregate<Row, Value> {
  const missing = functions.filter((name) => typeof definition[name] !== 'function')
  if (missing.length > 0) refuse(`aggregate: ${missing.join(', ')} must be given, as a function.`)
  if ((definition.encode === undefined) !== (definition.decode === undefined)) {
    refuse('aggregate: encode and decode go together. Give both, or neither where the accumulator is JSON.')
  }
  const { version, column } = definition
  if (!Number.isSafeInteger(version) || version < 1)
    refuse(`aggregate: version is ${version}; give an integer from 1 up.`)
  const aggregator: Aggregator<Row, Accumulator> = {
    column,
    version,
    init: () => definition.init(),
    add: (accumulator, { row, at }) => definition.add(accumulator, row, at),
    merge: (left, right) => definition.merge(left, right),
    result: (accumulator) => heldResult(column, definition.result(accumulator)),
    encode: (accumulator) => (definition.encode === undefined ? asJson(accumulator) : definition.encode(accumulator)),
    decode: (encoded) => (definition.decode === undefined ? (encoded as Accumulator) : definition.decode(encoded)),
  }
  // Its accumulators are opaque to whoever runs it.
  return { kind: 'custom', aggregator: aggregator as Aggregator<Row, unknown> }
}

/** @throws TypeError where it is no value of the column */
function heldResult({ type, isNullable }: Column<unknown>, value: unknown): unknown {
  if ((value === null || value === undefined) && isNullable) return null
  const held = value === null || value === undefined ? undefined : type.hold(value)
  if (held !== undefined) return held
  throw new TypeError(`result gave ${valueText(value)} where its column takes ${type.wanted}`)
}

function asJson(accumulator: unknown): unknown {
  const problem = unkept(accumulator, '', 0)
  if (problem === null) return accumulator
  return refuse(`aggregate: the accumulator has ${problem}, which JSON cannot write. Give it encode and decode.`)
}

/** Deeper than any accumulator is meant to be, and far from what the stack holds: values of records may be nested in it. */
const maxDepth = 1000

/** What JSON would lose or change without a word; null where there is nothing of the kind. */
function unkept(value: unknown, path: string, depth: number): string | null {
  const where = path === '' ? '' : ` at ${path}`
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null
    case 'number':
      return Number.isFinite(value) ? null : `${value}${where}`
    case 'object':
      break
    default:
      return `${typeof value}${where}`
  }
  if (value === null) return null
  if (depth === maxDepth) return `more than ${maxDepth} levels${path === '' ? '' : ` at ${path.slice(0, 80)}`}`
  if (Array.isArray(value))
    return firstOf(
      value.map((item, i) => [String(i), item]),
      path,
      depth + 1,
    )
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `a ${value.constructor?.name ?? 'class'}${where}`
  // JSON leaves such a field out, and it is undefined again when it is read.
  return firstOf(
    Object.entries(value).filter(([, field]) => field !== undefined),
    path,
    depth + 1,
  )
}

function firstOf(entries: readonly (readonly [string, unknown])[], path: string, depth: number): string | null {
  for (const [name, value] of entries) {
    const problem = unkept(value, path === '' ? name : `${path}.${name}`, depth)
    if (problem !== null) return problem
  }
  return null
}
