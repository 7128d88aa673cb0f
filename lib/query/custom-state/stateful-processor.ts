// The face of `transformWithState`: what a query's author writes to keep state of their own. The names are those of Spark 4's
// StatefulProcessor, but that rows come one by one.

import type { Schema } from '../../decode/schema.ts'
import type { HandleOf, StateVariables } from './state-variable.ts'

/**
 * Which time timers go by. `eventTime`: the watermark, so the query has one, and late rows are left out. `processingTime`: the clock of
 * the invocation, which goes on when rows come. `none`: there are no timers.
 */
export type TimeMode = 'none' | 'processingTime' | 'eventTime'

export interface StatefulContext<State extends StateVariables> {
  /** The variables of the key, by the names that were declared. */
  readonly state: { readonly [Name in keyof State]: HandleOf<State[Name]> }
  /**
   * Calls `handleExpiredTimer` for this key when time has reached a moment, once for each; for a moment that is past, the next time that
   * time goes on.
   * @param expiryTimeMs epoch milliseconds
   */
  registerTimer(expiryTimeMs: number): void
  deleteTimer(expiryTimeMs: number): void
  /** The timers of the key, ascending, epoch milliseconds. */
  listTimers(): readonly number[]
  /** Epoch milliseconds; null where there is none yet, or the query has none, and at the end of a batch. */
  readonly currentWatermarkMs: number | null
  /** The clock of the invocation, epoch milliseconds. */
  readonly currentProcessingTimeMs: number
}

export interface ExpiredTimer {
  readonly expiryTimeMs: number
}

/** The rows that a call gives, none where it gives nothing; a generator may yield them. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing has this type.
export type GivenRows<Out> = Iterable<Out> | undefined | void

/**
 * A row counts once: what it has changed and what it gave are written together, and after that no function is asked about it again, so
 * they need not give the same answer twice. Where one throws, nothing of the call counts, and its row is a dead letter
 * (FUNCTION_FAILED), or the key as it is when the timer is over.
 *
 * @example
 * ticks.groupBy('symbol').transformWithState({
 *   state: { last: valueState(double()) },
 *   output: struct({ symbol: string(), change: double() }),
 *   *handleInput({ symbol }, { price }, { state: { last } }) {
 *     const before = last.get()
 *     last.update(price)
 *     if (before !== null) yield { symbol, change: price - before }
 *   },
 * })
 */
export interface StatefulProcessor<Key, Row, State extends StateVariables, Out extends object> {
  /** @default none */
  readonly state?: State
  /** The columns of the rows that it gives, which those are held to. */
  readonly output: Schema<Out>
  /** @default 'none' */
  readonly timeMode?: TimeMode
  /** The column of `output` that has the event time, for operators that follow; its times are above the watermark. */
  readonly eventTimeColumn?: keyof Out & string
  /** Counted up when what is kept no longer means the same; another version is another query's state. @default 1 */
  readonly version?: number
  /** @param key the grouping columns */
  handleInput(key: Key, row: Row, context: StatefulContext<State>): GivenRows<Out>
  handleExpiredTimer?(key: Key, timer: ExpiredTimer, context: StatefulContext<State>): GivenRows<Out>
}

/** A processor as the operator knows it. */
export type AnyProcessor = StatefulProcessor<never, never, StateVariables, object>
