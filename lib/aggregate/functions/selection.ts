// The aggregates that select one row's value: min, max, first, last, minBy, maxBy. The place of the row decides among equals,
// and for first and last: Spark's order within a batch, by partition, then by offset, here over all batches.

import { compareByPlace, type RowOrder } from '../../event/located-row.ts'
import type { Domain } from '../../types/column-type.ts'
import { decodeList } from '../../types/kept-value.ts'
import type { Aggregator, Argument, Encoded } from '../aggregator.ts'
import { decodePlace, encodePlace, type KeptPlace } from './kept-place.ts'

/**
 * The accumulator is the value itself, null for none.
 * @param sign 1 for the greatest, -1 for the least
 */
export function extremeAggregator<Row>(argument: Argument<Row>, sign: 1 | -1): Aggregator<Row, unknown> {
  const { compare, encode, decode } = argument.column.type.domain
  const isReplaced = (extreme: unknown, value: unknown): boolean => {
    const order = sign * compare(value, extreme)
    // The positive one of two equal zeros is given, whichever came first.
    return order > 0 || (order === 0 && Object.is(extreme, -0))
  }
  return {
    column: argument.column,
    version: 1,
    init: () => null,
    add(extreme, { row }) {
      const value = argument.read(row)
      if (value === null) return extreme
      return extreme === null || isReplaced(extreme, value) ? value : extreme
    },
    merge(left, right) {
      if (left === null || right === null) return left ?? right
      return isReplaced(left, right) ? right : left
    },
    result: (extreme) => extreme,
    encode: (extreme) => (extreme === null ? null : encode(extreme)),
    decode: (encoded) => (encoded === null ? null : decode(encoded)),
  }
}

/** The value of one row, and the row's place. */
interface Selected extends KeptPlace {
  readonly value: unknown
}

const encodeNullable = (domain: Domain<unknown>, value: unknown): Encoded =>
  value === null ? null : domain.encode(value)
const decodeNullable = (domain: Domain<unknown>, encoded: unknown): unknown =>
  encoded === null ? null : domain.decode(encoded)

/**
 * @param end which end of the rows, by partition, then offset
 * @param hasTopics whether rows are told apart by topic, too
 * @param ignoresNulls whether rows without a value are left out
 */
export function endAggregator<Row>(
  argument: Argument<Row>,
  end: 'first' | 'last',
  hasTopics: boolean,
  ignoresNulls = false,
): Aggregator<Row, Selected | null> {
  const domain = argument.column.type.domain
  const sign = end === 'first' ? -1 : 1
  return {
    column: argument.column,
    version: 1,
    init: () => null,
    add(selected, { row, at }) {
      if (selected !== null && sign * compareByPlace(at, selected) <= 0) return selected
      if (ignoresNulls && argument.read(row) === null) return selected
      // Written out: it is made for nearly every row of a stream in order.
      return {
        value: argument.read(row),
        partition: at.partition,
        offset: at.offset,
        index: at.index ?? null,
        topic: hasTopics ? at.topic : null,
      }
    },
    merge(left, right) {
      if (left === null || right === null) return left ?? right
      return sign * compareByPlace(right, left) > 0 ? right : left
    },
    result: (selected) => selected?.value ?? null,
    encode: (selected) =>
      selected === null ? null : [encodeNullable(domain, selected.value), ...encodePlace(selected)],
    decode(encoded) {
      if (encoded === null) return null
      const [value, ...place] = decodeList(encoded)
      return { value: decodeNullable(domain, value), ...decodePlace(place) }
    },
  }
}

interface Ranked extends Selected {
  readonly by: unknown
}

/** @param sign 1 for the row where `by` is greatest, -1 for the least: of equals the last, as in Spark */
export function extremeByAggregator<Row>(
  argument: Argument<Row>,
  by: Argument<Row>,
  sign: 1 | -1,
  hasTopics: boolean,
): Aggregator<Row, Ranked | null> {
  const domain = argument.column.type.domain
  const byDomain = by.column.type.domain
  const isReplaced = (ranked: Ranked, rank: unknown, at: RowOrder): boolean => {
    const order = sign * byDomain.compare(rank, ranked.by)
    return order > 0 || (order === 0 && compareByPlace(at, ranked) > 0)
  }
  return {
    column: by.column.isNullable ? argument.column.nullable() : argument.column,
    version: 1,
    init: () => null,
    add(ranked, { row, at }) {
      const rank = by.read(row)
      if (rank === null || (ranked !== null && !isReplaced(ranked, rank, at))) return ranked
      return {
        by: rank,
        value: argument.read(row),
        partition: at.partition,
        offset: at.offset,
        index: at.index ?? null,
        topic: hasTopics ? at.topic : null,
      }
    },
    merge(left, right) {
      if (left === null || right === null) return left ?? right
      return isReplaced(left, right.by, right) ? right : left
    },
    result: (ranked) => ranked?.value ?? null,
    encode: (ranked) =>
      ranked === null
        ? null
        : [byDomain.encode(ranked.by), encodeNullable(domain, ranked.value), ...encodePlace(ranked)],
    decode(encoded) {
      if (encoded === null) return null
      const [rank, value, ...place] = decodeList(encoded)
      return { by: byDomain.decode(rank), value: decodeNullable(domain, value), ...decodePlace(place) }
    },
  }
}
