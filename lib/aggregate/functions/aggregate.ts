// The types of aggregates: what `agg` takes over rows of a type, and the types of its columns. An aggregate is plain data
// that names a column or has a function of the row; aggregator.ts runs it.

import type { Decimal } from '../../types/numbers/decimal-value.ts'
import type { Aggregator, Binding } from '../aggregator.ts'
import type { Taken } from '../argument.ts'
import type { CustomAggregate } from './custom-aggregate.ts'

/** Values that have an order: of all types but maps. Lists and objects are ordered part by part. */
type Ordered =
  | number
  | string
  | boolean
  | bigint
  | Uint8Array
  | Decimal
  | readonly unknown[]
  | { readonly [field: string]: unknown }

/** Values that can be summed. */
type Summed = number | bigint | Decimal

/** The columns of a row whose values are `Value`, null allowed. */
export type ColumnOf<Row, Value> = {
  [Name in keyof Row & string]-?: Row[Name] extends Value | null ? Name : never
}[keyof Row & string]

/** A function of the row. Its numbers are doubles, whatever columns they come from. */
export type NumberOf<Row> = (row: Row) => number | null

type NumberArgument<Row> = ColumnOf<Row, Summed> | NumberOf<Row>
type AnyArgument<Row> = (keyof Row & string) | NumberOf<Row>
type OrderedArgument<Row> = ColumnOf<Row, Ordered> | NumberOf<Row>

type BooleanArgument<Row> = ColumnOf<Row, boolean> | ((row: Row) => boolean | null)
type ColumnOfList<Row> = ColumnOf<Row, Ordered> | NumberOf<Row>

/** Null of one row, or of rows that are all alike. */
type Sampled = 'stddevSamp' | 'varSamp' | 'skewness' | 'kurtosis'
/** Null where the argument is. */
type Estimated = 'stddevPop' | 'varPop' | 'percentile'
type SampledPair = 'covarSamp' | 'corr' | 'regrSlope' | 'regrIntercept' | 'regrR2'
type Condition = 'boolAnd' | 'boolOr'
type Bits = 'bitAnd' | 'bitOr' | 'bitXor'
type Chosen = 'firstNotNull' | 'lastNotNull' | 'anyValue' | 'anyNotNull'

/** What `agg` accepts over rows of this type. */
export type Aggregate<Row> =
  | { readonly kind: 'count'; readonly argument: (keyof Row & string) | ((row: Row) => unknown) | null }
  | Brought<'countDistinct' | 'approxCountDistinct', ColumnOf<Row, Ordered>>
  | Brought<Sampled | Estimated | 'percentiles' | 'sumDistinct', NumberArgument<Row>>
  | BroughtBy<SampledPair | 'covarPop' | 'regrCount', NumberArgument<Row>, NumberArgument<Row>>
  | Brought<'percentileApprox' | 'percentilesApprox', NumberArgument<Row>>
  | Brought<'countIf' | Condition, BooleanArgument<Row>>
  | Brought<Bits, ColumnOf<Row, number | bigint>>
  | Brought<Chosen | 'collectList', AnyArgument<Row>>
  | Brought<'mode' | 'collectSet', ColumnOfList<Row>>
  | {
      readonly kind: 'sum' | 'avg'
      /** The columns of numbers. Their type has no name of its own, which errors would show in the place of the columns. */
      readonly argument:
        | { [Name in keyof Row & string]-?: Row[Name] extends Summed | null ? Name : never }[keyof Row & string]
        | NumberOf<Row>
    }
  | { readonly kind: 'min' | 'max'; readonly argument: OrderedArgument<Row> }
  | { readonly kind: 'first' | 'last'; readonly argument: AnyArgument<Row> }
  | {
      readonly kind: 'minBy' | 'maxBy'
      readonly argument: AnyArgument<Row>
      readonly by: OrderedArgument<Row>
    }
  | CustomAggregate<Row, unknown>

/** Output column name to aggregate, in the order they print in. */
export type Aggregates<Row> = Readonly<Record<string, Aggregate<Row>>>

/** An aggregate of one argument, as its function gives it. */
export interface Of<Kind extends string, Argument> {
  readonly kind: Kind
  readonly argument: Argument
}
/** One that brings how it runs along, so that a bundle of a query without it has nothing of it. */
export interface Brought<Kind extends string, Argument> extends Of<Kind, Argument> {
  readonly make: <Row>(binding: Binding<Row>) => Aggregator<Row, unknown>
  /**
   * What of the rows a group keeps as it is: the value of one row, as `min` does, or values of many, which share the room for
   * them; `digests` of many, which are short however long the values are. Left out: numbers of a fixed size.
   */
  readonly keeps?: 'value' | 'values' | 'digests'
  /** What its function of the row gives. @default 'number' */
  readonly takes?: Taken
}
/** One of two arguments that brings how it runs along. */
export interface BroughtBy<Kind extends string, Argument, Order> extends Brought<Kind, Argument> {
  readonly by: Order
}
/** The word for an aggregate of numbers: it takes a column, or a function of the row. */
export interface NumberWord<Kind extends string> {
  <const Column extends string>(column: Column): Brought<Kind, Column>
  <Row, Value extends number | null>(fn: (row: Row) => Value): Brought<Kind, (row: Row) => Value>
}
/** The word for one of two numbers. */
export interface NumberPairWord<Kind extends string> {
  <const First extends string, const Second extends string>(
    first: First,
    second: Second,
  ): BroughtBy<Kind, First, Second>
  <Row, First extends number | null, const Second extends string>(
    first: (row: Row) => First,
    second: Second,
  ): BroughtBy<Kind, (row: Row) => First, Second>
  <Row, const First extends string, Second extends number | null>(
    first: First,
    second: (row: Row) => Second,
  ): BroughtBy<Kind, First, (row: Row) => Second>
  <Row, First extends number | null, Second extends number | null>(
    first: (row: Row) => First,
    second: (row: Row) => Second,
  ): BroughtBy<Kind, (row: Row) => First, (row: Row) => Second>
}
/** One that goes by a second argument. */
export interface By<Kind extends string, Argument, Order> extends Of<Kind, Argument> {
  readonly by: Order
}

type ArgumentValue<Row, Argument> = Argument extends (row: never) => infer Value
  ? Value
  : Argument extends keyof Row
    ? Row[Argument]
    : never

/** Null where the rows that count may all be missing. */
type NullOf<Value> = Extract<Value, null>

/** A sum of decimals or bigints is null where it overflows; a mean of bigints is a double, and never does. */
type TotalOf<Kind, Value> = Value extends Decimal ? Decimal | null : Value extends bigint ? BigintTotal<Kind> : number
type BigintTotal<Kind> = Kind extends 'avg' ? number : bigint | null

/** The type of one aggregate's result. A group has at least one row, so only a nullable argument gives a nullable result. */
export type AggregateValue<Row, A> =
  A extends By<infer Kind, infer Argument, infer Order>
    ? PairValue<Kind, ArgumentValue<Row, Argument>, ArgumentValue<Row, Order>>
    : A extends CustomAggregate<never, infer Value>
      ? Value
      : A extends Of<infer Kind, infer Argument>
        ? ColumnValue<Kind, ArgumentValue<Row, Argument>>
        : never

type PairValue<Kind, Value, Order> = Kind extends 'minBy' | 'maxBy'
  ? Value | NullOf<Order>
  : Kind extends 'regrCount'
    ? number
    : Kind extends 'covarPop'
      ? number | NullOf<Value> | NullOf<Order>
      : number | null

type ColumnValue<Kind, Value> = Kind extends 'count' | 'countDistinct' | 'approxCountDistinct' | 'countIf'
  ? number
  : Kind extends 'sum' | 'avg' | 'sumDistinct'
    ? TotalOf<Kind, NonNullable<Value>> | NullOf<Value>
    : Kind extends Sampled
      ? number | null
      : Kind extends Estimated
        ? number | NullOf<Value>
        : Kind extends 'percentiles'
          ? readonly number[] | NullOf<Value>
          : Kind extends 'percentilesApprox'
            ? readonly NonNullable<Value>[] | NullOf<Value>
            : Kind extends 'collectList' | 'collectSet'
              ? readonly NonNullable<Value>[]
              : Value

/** The columns that `agg` adds to the group's own. @example AggregatedRow<Tick, typeof aggregates> */
export type AggregatedRow<Row, A extends Aggregates<Row>> = {
  readonly [Name in keyof A]: AggregateValue<Row, A[Name]>
}
