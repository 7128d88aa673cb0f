// The time of a window, as an operator after its aggregation sees it: the last moment in it. A group that comes out when the watermark
// has passed its window's end has it for its event time, so a second aggregation knows when all of its groups have come.

/** What `windowTime(…)` gives, and `window` and `withColumn` take. */
export interface WindowTime<Column extends string> {
  readonly kind: 'windowTime'
  /** The column of the window. */
  readonly column: Column
}

/**
 * Spark's `window_time`: the last moment of a window, here in milliseconds. In `window(…)` it means the same as the column alone.
 *
 * @example bars.groupBy(window(windowTime('window'), '1 minute')).agg({ volume: sum('volume') })
 * @example bars.withColumn('time', windowTime('window')).drop('window')
 */
export const windowTime = <const Column extends string>(column: Column): WindowTime<Column> => ({
  kind: 'windowTime',
  column,
})

/**
 * The last moment of a window, epoch milliseconds; null where the row has none. Spark's is a microsecond before the end, which no
 * window and no watermark of milliseconds tells from this.
 * @example lastMomentOf({ start: 0, end: 5_000 }) // 4_999
 */
export function lastMomentOf(window: unknown): number | null {
  if (typeof window !== 'object' || window === null || !('end' in window)) return null
  return typeof window.end === 'number' ? window.end - 1 : null
}
