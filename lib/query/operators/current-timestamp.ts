// The clock that a query may read. A function must not look at the time itself: when its batch comes again it would see
// another, and a row would be in another window. This one belongs to the batch, and is kept with it.

export interface CurrentTimestamp {
  readonly kind: 'currentTimestamp'
}

/**
 * Spark's `current_timestamp()`, for `withColumn`: when the batch of the row was first tried, epoch milliseconds, the same for
 * all its rows and in each retry. A stateful query keeps it in its state; a stateless one in the container, so that a
 * retry in another container has another.
 *
 * @example ticks.withColumn('now', currentTimestamp()).withColumn('age', (tick) => tick.now - tick.timestamp, long())
 */
export const currentTimestamp = (): CurrentTimestamp => ({ kind: 'currentTimestamp' })
