// What holds for the rows of a group: countIf, boolAnd, boolOr over a column of booleans or a function of the row; and the same bit by
// bit of whole numbers. Nulls are left out.

import { long } from '../../decode/schema.ts'
import { decodeNumber, incompatible } from '../../types/kept-value.ts'
import { type Aggregator, type Argument, type Binding, opaque } from '../aggregator.ts'
import { unexpected } from '../argument.ts'
import type { Brought } from './aggregate.ts'

/** The word for an aggregate of conditions: it takes a column of booleans, or a function of the row that gives one. */
export interface ConditionWord<Kind extends string> {
  <const Column extends string>(column: Column): Brought<Kind, Column>
  <Row, Value extends boolean | null>(fn: (row: Row) => Value): Brought<Kind, (row: Row) => Value>
}

/** How many rows fulfil a condition. @example agg({ large: countIf((tick) => tick.volume > 1_000), closing: countIf('isLast') }) */
export const countIf = /* @__PURE__ */ condition(
  'countIf',
  'count_if',
  <Row>({ read }: Argument<Row>): Aggregator<Row, number> => ({
    column: long(),
    version: 1,
    init: () => 0,
    add: (counted, { row }) => (read(row) === true ? counted + 1 : counted),
    merge: (left, right) => left + right,
    result: (counted) => counted,
    encode: (counted) => counted,
    decode: decodeNumber,
  }),
)

/** Whether a condition holds for all rows; null where none has a value. @example agg({ allPaid: boolAnd('isPaid') }) */
export const boolAnd = /* @__PURE__ */ condition('boolAnd', 'bool_and', (argument) => decided(argument, false))

/** Whether a condition holds for any row; null where none has a value. @example agg({ anyPaid: boolOr('isPaid') }) */
export const boolOr = /* @__PURE__ */ condition('boolOr', 'bool_or', (argument) => decided(argument, true))

/** The same as `boolAnd`. @example agg({ allPaid: every('isPaid') }) */
export const every = /* @__PURE__ */ condition('boolAnd', 'every', (argument) => decided(argument, false))

/** The same as `boolOr`. @example agg({ anyPaid: some('isPaid') }) */
export const some = /* @__PURE__ */ condition('boolOr', 'some', (argument) => decided(argument, true))

function condition<Kind extends string, Accumulator>(
  kind: Kind,
  sparkName: string,
  aggregatorOf: <Row>(argument: Argument<Row>) => Aggregator<Row, Accumulator>,
): ConditionWord<Kind> {
  const make = <Row>({ argument }: Binding<Row>) => {
    if (argument.column.kind !== 'boolean') return unexpected(sparkName, argument, '"BOOLEAN" type')
    return opaque(aggregatorOf(argument))
  }
  return ((argument: unknown) => ({ kind, argument, make, takes: 'boolean' })) as ConditionWord<Kind>
}

/** @param decisive the value that decides, once it is there */
function decided<Row>({ column, read }: Argument<Row>, decisive: boolean): Aggregator<Row, boolean | null> {
  const both = (left: boolean | null, right: boolean | null): boolean | null =>
    left === decisive ? left : (right ?? left)
  return {
    column,
    version: 1,
    init: () => null,
    add: (held, { row }) => both(held, read(row) as boolean | null),
    merge: both,
    result: (held) => held,
    encode: (held) => held,
    decode(encoded) {
      if (encoded === null || typeof encoded === 'boolean') return encoded
      throw incompatible(encoded, 'true or false')
    },
  }
}

/** The bits that all whole numbers of a column have. @example agg({ common: bitAnd('flags') }) */
export const bitAnd = /* @__PURE__ */ bits('bitAnd', 'bit_and', (left, right) => left & right)

/** The bits that any whole number of a column has. @example agg({ all: bitOr('flags') }) */
export const bitOr = /* @__PURE__ */ bits('bitOr', 'bit_or', (left, right) => left | right)

/** The bits that an odd number of a column's whole numbers have. @example agg({ parity: bitXor('flags') }) */
export const bitXor = /* @__PURE__ */ bits('bitXor', 'bit_xor', (left, right) => left ^ right)

const whole: ReadonlySet<string> = /* @__PURE__ */ new Set(['byte', 'short', 'int', 'long', 'bigint'])

function bits<Kind extends string>(kind: Kind, sparkName: string, combine: (left: bigint, right: bigint) => bigint) {
  const make = <Row>({ argument }: Binding<Row>) => {
    if (!whole.has(argument.column.kind)) return unexpected(sparkName, argument, '"INTEGRAL" type')
    return opaque(bitsAggregator(argument, combine))
  }
  return <const Column extends string>(column: Column): Brought<Kind, Column> => ({ kind, argument: column, make })
}

function bitsAggregator<Row>(
  { column, read }: Argument<Row>,
  combine: (left: bigint, right: bigint) => bigint,
): Aggregator<Row, bigint | null> {
  const both = (left: bigint | null, right: bigint | null): bigint | null =>
    left === null || right === null ? (left ?? right) : combine(left, right)
  return {
    column: column.kind === 'long' ? column.nullable() : column,
    version: 1,
    init: () => null,
    add(held, { row }) {
      const value = read(row)
      return value === null ? held : both(held, BigInt(value as number | bigint))
    },
    merge: both,
    // A long of numbers has no -2^53, which is all bits but 53: null, as a sum beyond them.
    result: (held) => (held === null ? null : (column.type.hold(held) ?? null)),
    encode: (held) => (held === null ? null : String(held)),
    decode(encoded) {
      if (encoded === null) return null
      if (typeof encoded !== 'string' || !/^-?\d+$/.test(encoded)) throw incompatible(encoded, 'a whole number')
      return BigInt(encoded)
    },
  }
}
