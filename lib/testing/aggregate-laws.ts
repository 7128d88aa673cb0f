// The laws of an aggregate, checked over rows that its author gives: whatever the order of the rows, and however they are cut
// into batches, parts and state, one result. State is kept, taken up again and merged wherever Lambda happens to cut.

import { isDeepStrictEqual } from 'node:util'
import type { Aggregator } from '../aggregate/aggregator.ts'
import type { CustomAggregate } from '../aggregate/functions/custom-aggregate.ts'
import { MicrobatchError, refuse } from '../error.ts'
import type { LocatedRow } from '../event/located-row.ts'

export interface AggregateLawsOptions<Value> {
  /** When two results are the same. Sums of doubles, which depend on their order, need a tolerance. @default deep equality */
  readonly equals?: (left: Value, right: Value) => boolean
  /** How many orders and cuts are tried. @default 200 */
  readonly runs?: number
  /** The seed of the random orders and cuts; the same seed gives the same ones. @default 1 */
  readonly seed?: number
}

const partitions = 3

/**
 * Checks that an aggregate of your own keeps the laws that state relies on. The rows are spread over three partitions; give
 * rows that are unlike each other, with equal values, nulls and extremes among them, two at least.
 *
 * @throws MicrobatchError LAW_BROKEN naming the law, what came out and what should have; what the aggregate throws
 * @example
 * test('range keeps the laws', () => checkAggregateLaws(range, [aTick({ price: 1 }), aTick({ price: 3 }), aTick({ price: 3 })]))
 */
export function checkAggregateLaws<Row, Value>(
  { aggregator }: CustomAggregate<Row, Value>,
  rows: readonly Row[],
  { equals = isDeepStrictEqual, runs = 200, seed = 1 }: AggregateLawsOptions<Value> = {},
): void {
  if (rows.length < 2) refuse('checkAggregateLaws: give at least two rows: one row has no order and no parts.')
  const all = rows.map((row, i): LocatedRow<Row> => {
    const [partition, offset] = [i % partitions, Math.floor(i / partitions)]
    return { row, at: { topic: 'laws', partition, offset, timestamp: i, timestampType: 0 } }
  })
  const random = randomNumbers(seed)
  const ofNoRow = aggregator.result(aggregator.init())
  const expected = aggregator.result(fold(aggregator, aggregator.init(), all))
  const expect = (law: string, accumulator: unknown, wanted: unknown = expected): void => {
    const given = aggregator.result(accumulator)
    if (equals(given as Value, wanted as Value)) return
    throw new MicrobatchError(
      'LAW_BROKEN',
      `checkAggregateLaws: ${law} ${textOf(wanted)}, and gave ${textOf(given)}. An accumulator must come out the same for ` +
        'the same rows, whatever their order and parts; what depends on an order goes by the place of a row, `at`.',
    )
  }

  expect('init after other rows were added must give', aggregator.init(), ofNoRow)
  expect('an accumulator without rows, kept and restored, must give', kept(aggregator, aggregator.init()), ofNoRow)
  expect('rows kept and restored must give', kept(aggregator, fold(aggregator, aggregator.init(), all)))
  for (let run = 0; run < runs; run += 1) {
    const shuffled = shuffle(all, random)
    expect('the rows in another order must give', fold(aggregator, aggregator.init(), shuffled))
    const parts = cut(shuffled, random)
    let batchByBatch = aggregator.init()
    for (const part of parts) batchByBatch = kept(aggregator, fold(aggregator, batchByBatch, part))
    expect('the rows in batches, kept and restored between them, must give', batchByBatch)
    expect('parts that are merged must give', merged(aggregator, parts, random, false))
    expect('parts that are kept, restored and merged must give', merged(aggregator, parts, random, true))
  }
}

function fold<Row>(aggregator: Aggregator<Row, unknown>, start: unknown, rows: readonly LocatedRow<Row>[]): unknown {
  let accumulator = start
  for (const row of rows) accumulator = aggregator.add(accumulator, row)
  return accumulator
}

/** The accumulator after state kept it, which it does as text. */
const kept = <Row>(aggregator: Aggregator<Row, unknown>, accumulator: unknown): unknown =>
  aggregator.decode(JSON.parse(JSON.stringify(aggregator.encode(accumulator)) ?? 'null'))

/** Merges neighbours until one is left: in any association. */
function merged<Row>(
  aggregator: Aggregator<Row, unknown>,
  parts: readonly (readonly LocatedRow<Row>[])[],
  random: () => number,
  isKept: boolean,
): unknown {
  const keep = (accumulator: unknown): unknown => (isKept ? kept(aggregator, accumulator) : accumulator)
  const accumulators = parts.map((part) => keep(fold(aggregator, aggregator.init(), part)))
  while (accumulators.length > 1) {
    const i = Math.floor(random() * (accumulators.length - 1))
    accumulators.splice(i, 2, keep(aggregator.merge(accumulators[i], accumulators[i + 1])))
  }
  return accumulators[0]
}

/** Two to four parts; some may be empty. */
function cut<T>(rows: readonly T[], random: () => number): readonly (readonly T[])[] {
  const inner = Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * (rows.length + 1)))
  const bounds = [0, ...inner.toSorted((left, right) => left - right), rows.length]
  return bounds.slice(1).map((end, i) => rows.slice(bounds[i], end))
}

const shuffle = <T>(rows: readonly T[], random: () => number): readonly T[] =>
  rows
    .map((row) => ({ row, rank: random() }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ row }) => row)

/** In [0, 1), the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const textOf = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing')
