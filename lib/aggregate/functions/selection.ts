// The aggregates that select one row's value: min, max, first, last, minBy, maxBy. Of equals, and for first and last, the
// place of the row decides: Spark's order within a batch, by partition, then by offset, here over all batches.

import { type Aggregator, type Argument, type Coordinates, type Encoded, isBefore } from '../aggregator.ts'
import { type Domain, decodeList, decodeNumber, domainOf } from '../value.ts'

interface Extreme {
  readonly value: unknown
}

/** @param sign 1 for the greatest, -1 for the least */
export function extremeAggregator<Row>(argument: Argument<Row>, sign: 1 | -1): Aggregator<Row, Extreme | null> {
  const { compare, encode, decode } = domainOf(argument.column.kind)
  return {
    column: argument.column,
    init: () => null,
    add(extreme, { row }) {
      const value = argument.read(row)
      if (value === null) return extreme
      if (extreme === null) return { value }
      const order = sign * compare(value, extreme.value)
      // Of equal zeros the positive one, whichever came first.
      return order > 0 || (order === 0 && Object.is(extreme.value, -0)) ? { value } : extreme
    },
    result: (extreme) => extreme?.value ?? null,
    encode: (extreme) => (extreme === null ? null : encode(extreme.value)),
    decode: (encoded) => (encoded === null ? null : { value: decode(encoded) }),
  }
}

interface Placed extends Coordinates {
  readonly value: unknown
}

const encodeNullable = (domain: Domain<unknown>, value: unknown): Encoded =>
  value === null ? null : domain.encode(value)
const decodeNullable = (domain: Domain<unknown>, encoded: unknown): unknown =>
  encoded === null ? null : domain.decode(encoded)

/** @param end which end of the rows, by partition, then offset */
export function endAggregator<Row>(argument: Argument<Row>, end: 'first' | 'last'): Aggregator<Row, Placed | null> {
  const domain = domainOf(argument.column.kind)
  return {
    column: argument.column,
    init: () => null,
    add(kept, placed) {
      if (kept !== null && (end === 'first' ? !isBefore(placed, kept) : !isBefore(kept, placed))) return kept
      return { value: argument.read(placed.row), partition: placed.partition, offset: placed.offset }
    },
    result: (kept) => kept?.value ?? null,
    encode: (kept) => (kept === null ? null : [encodeNullable(domain, kept.value), kept.partition, kept.offset]),
    decode(encoded) {
      if (encoded === null) return null
      const [value, partition, offset] = decodeList(encoded)
      return {
        value: decodeNullable(domain, value),
        partition: decodeNumber(partition),
        offset: decodeNumber(offset),
      }
    },
  }
}

interface Ranked extends Placed {
  readonly by: unknown
}

/** @param sign 1 for the row where `by` is greatest (of equals the last), -1 for the least (of equals the first) */
export function extremeByAggregator<Row>(
  argument: Argument<Row>,
  by: Argument<Row>,
  sign: 1 | -1,
): Aggregator<Row, Ranked | null> {
  const domain = domainOf(argument.column.kind)
  const byDomain = domainOf(by.column.kind)
  return {
    column: by.column.isNullable ? argument.column.nullable() : argument.column,
    init: () => null,
    add(kept, placed) {
      const rank = by.read(placed.row)
      if (rank === null) return kept
      if (kept !== null) {
        const order = sign * byDomain.compare(rank, kept.by)
        if (order < 0) return kept
        if (order === 0 && (sign < 0 ? !isBefore(placed, kept) : !isBefore(kept, placed))) return kept
      }
      return {
        by: rank,
        value: argument.read(placed.row),
        partition: placed.partition,
        offset: placed.offset,
      }
    },
    result: (kept) => kept?.value ?? null,
    encode: (kept) =>
      kept === null
        ? null
        : [byDomain.encode(kept.by), encodeNullable(domain, kept.value), kept.partition, kept.offset],
    decode(encoded) {
      if (encoded === null) return null
      const [rank, value, partition, offset] = decodeList(encoded)
      return {
        by: byDomain.decode(rank),
        value: decodeNullable(domain, value),
        partition: decodeNumber(partition),
        offset: decodeNumber(offset),
      }
    },
  }
}
