// The types of `join`: what it takes, and the columns of its rows, of which those of the nullable side may be null.

import type { Flat } from '../../../types/flat.ts'

/** The types of a join of two streams: Spark's inner, left outer, right outer, full outer, left semi. */
export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'leftSemi'

/** A column that both sides have, or one of each: `'symbol'`, `['id', 'orderId']`. */
export type JoinKey<Left, Right> =
  | (keyof Left & keyof Right & string)
  | readonly [left: keyof Left & string, right: keyof Right & string]

export interface JoinOptions<Left, Right, On, Type, Prefix> {
  /** The columns that are equal, one at least. Null is equal to nothing. Those that are named once are one column behind the join. */
  readonly on: On
  /** @default 'inner' */
  readonly type?: Type
  /**
   * How far the time of the right row may lie before that of the left one, and after it, as Spark intervals: Spark's
   * `rightTime >= leftTime - before AND rightTime <= leftTime + after`. With watermarks on both sides it bounds how long rows wait.
   * `columns` are the times that are compared. Default: those that the watermarks of the sides are on; both intervals 0 seconds
   */
  readonly within?: {
    readonly before?: string
    readonly after?: string
    readonly columns?: readonly [left: keyof Left & string, right: keyof Right & string]
  }
  /** What pairs must meet besides. It is pure. */
  readonly where?: (left: Left, right: Right) => boolean
  /** Goes before the names of the right side's columns. */
  readonly prefix?: Prefix
}

export type LookupJoinOptions<On, Type, Prefix> = Pick<
  JoinOptions<never, never, On, Type, Prefix>,
  'on' | 'type' | 'prefix'
>

/** Refuses columns that both sides would have under one name. */
export type Apart<Left, Right, On, Type, Prefix extends string> = Type extends 'leftSemi' | 'leftAnti'
  ? unknown
  : keyof Left & RightNames<Right, On, Prefix> extends never
    ? unknown
    : { readonly prefix: `both sides have ${keyof Left & RightNames<Right, On, Prefix> & string}: give a prefix` }

type RightNames<Right, On, Prefix extends string> = `${Prefix}${Exclude<keyof Right & string, Merged<On>>}`

/** The row of a pair. */
export type Joined<Left, Right, On, Type, Prefix extends string> = Type extends 'leftSemi' | 'leftAnti'
  ? Left
  : Flat<LeftPart<Left, Right, On, Type> & RightPart<Right, On, Type, Prefix>>

/** The columns that both sides have as one. */
type Merged<On> = On extends readonly (infer Key)[] ? Extract<Key, string> : never

type LeftPart<Left, Right, On, Type> = {
  readonly [Name in keyof Left]: Name extends Merged<On> & keyof Right
    ? MergedValue<Left[Name], Right[Name], Type>
    : Type extends 'right' | 'full'
      ? Left[Name] | null
      : Left[Name]
}

type MergedValue<Left, Right, Type> = Type extends 'right' ? Right : Type extends 'full' ? Left | Right : Left

type RightPart<Right, On, Type, Prefix extends string> = {
  readonly [Name in keyof Right as Name extends Merged<On> ? never : `${Prefix}${Name & string}`]: Type extends
    | 'left'
    | 'full'
    ? Right[Name] | null
    : Right[Name]
}
