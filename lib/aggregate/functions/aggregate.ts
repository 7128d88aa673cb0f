// The types of aggregates: what `agg` takes over rows of a type, and the types of its columns. An aggregate is plain data
// that names a column or has a function of the row; aggregator.ts runs it.

import type { Decimal } from '../../types/numbers/decimal-value.ts'
import type { Aggregator, Argument as ResolvedArgument } from '../aggregator.ts'
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

type AnyArgument<Row> = (keyof Row & string) | NumberOf<Row>
type OrderedArgument<Row> = ColumnOf<Row, Ordered> | NumberOf<Row>

/** What `agg` accepts over rows of this type. */
export type Aggregate<Row> =
  | { readonly kind: 'count'; readonly argument: (keyof Row & string) | ((row: Row) => unknown) | null }
  | Brought<'countDistinct' | 'approxCountDistinct', ColumnOf<Row, Ordered>>
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
  /** @param counts how many of a group's aggregates keep the values that they have seen */
  readonly make: <Row>(argument: ResolvedArgument<Row>, counts: number) => Aggregator<Row, unknown>
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
  A extends Of<'count' | 'countDistinct' | 'approxCountDistinct', unknown>
    ? number
    : A extends By<'minBy' | 'maxBy', infer Argument, infer Order>
      ? ArgumentValue<Row, Argument> | NullOf<ArgumentValue<Row, Order>>
      : A extends Of<'sum' | 'avg', infer Argument>
        ? TotalOf<A['kind'], NonNullable<ArgumentValue<Row, Argument>>> | NullOf<ArgumentValue<Row, Argument>>
        : A extends Of<'min' | 'max' | 'first' | 'last', infer Argument>
          ? ArgumentValue<Row, Argument>
          : A extends CustomAggregate<never, infer Value>
            ? Value
            : never

/** The columns that `agg` adds to the group's own. @example AggregatedRow<Tick, typeof aggregates> */
export type AggregatedRow<Row, A extends Aggregates<Row>> = {
  readonly [Name in keyof A]: AggregateValue<Row, A[Name]>
}
