// The watermark: the event time up to which a query takes its windows for complete. Pure arithmetic over what progress
// has per partition (docs/state-protocol.md, step 3); nothing is kept or read here, wall time comes in as an argument.
// It never goes back. Before any event time was seen there is none, and nothing is late.

import { type EventTimeMs, eventTimeMs, type WallTimeMs } from './time.ts'

/** None before the first event time; shown as 0, as Spark does. */
export type Watermark = EventTimeMs | null

/** `min`: no partition overtakes another. `max`: Spark's own global maximum, where a slow partition's rows may be late. */
export type WatermarkPolicy = 'min' | 'max'

/** What says which partitions count while an idle timeout is set. */
export interface Activity<Partition> {
  /** When each partition last delivered a row with an event time. */
  readonly heard: ReadonlyMap<Partition, WallTimeMs>
  /** Idleness counts from here at the earliest: see `aliveSince`. */
  readonly alive: WallTimeMs
  readonly now: WallTimeMs
  readonly idleMs: number
}

/** What the candidate is computed from. */
export type WatermarkInput<Partition> =
  | { readonly policy: 'max'; readonly maxEventTimes: ReadonlyMap<Partition, EventTimeMs> }
  | {
      readonly policy: 'min'
      readonly maxEventTimes: ReadonlyMap<Partition, EventTimeMs>
      /** Every partition of the topic, also those that have delivered nothing yet. */
      readonly partitions: Iterable<Partition>
      /** Absent: no idle timeout, every partition counts for ever. */
      readonly activity?: Activity<Partition>
    }

export interface Candidate<Partition> {
  /** The event time that decides, before the delay is taken off; null where there is none. */
  readonly time: EventTimeMs | null
  /** The partition it comes from; with `min` the one that holds the watermark back, also where `time` is null. */
  readonly partition: Partition | null
}

/**
 * Whether a partition counts for policy `min`: `now - max(heard, alive) <= idle`.
 *
 * @example isActive(0, { heard: new Map(), alive: wallTimeMs(0), now: wallTimeMs(60_001), idleMs: 60_000 }) // false
 */
export function isActive<Partition>(partition: Partition, { heard, alive, now, idleMs }: Activity<Partition>): boolean {
  return now - Math.max(heard.get(partition) ?? alive, alive) <= idleMs
}

/**
 * From when idleness counts: where the whole query was silent for longer than the timeout, from now, since nobody could
 * be heard. Without this rule an outage makes every partition but the first look idle and their backlog late.
 *
 * @param last when a batch was last committed; null before the first
 */
export function aliveSince(
  alive: WallTimeMs,
  { last, now, idleMs }: { readonly last: WallTimeMs | null; readonly now: WallTimeMs; readonly idleMs: number },
): WallTimeMs {
  return last === null || now - last > idleMs ? now : alive
}

/**
 * The event time the watermark may follow, before the delay is taken off.
 *
 * @example candidate({ policy: 'min', partitions: [0, 1], maxEventTimes: new Map([[0, eventTimeMs(5_000)]]) })
 * // { time: null, partition: 1 }: partition 1 has delivered nothing yet
 */
export function candidate<Partition>(input: WatermarkInput<Partition>): Candidate<Partition> {
  let decisive: Candidate<Partition> = { time: null, partition: null }
  if (input.policy === 'max') {
    for (const [partition, time] of input.maxEventTimes) {
      if (decisive.time === null || time > decisive.time) decisive = { time, partition }
    }
    return decisive
  }
  for (const partition of input.partitions) {
    if (input.activity !== undefined && !isActive(partition, input.activity)) continue
    const time = input.maxEventTimes.get(partition)
    if (time === undefined) return { time: null, partition }
    if (decisive.time === null || time < decisive.time) decisive = { time, partition }
  }
  return decisive
}

/**
 * The watermark after a batch: `max(watermark, time - delayMs)`, never back.
 *
 * @param time the candidate's
 * @example advance(null, eventTimeMs(15_000), 10_000) // 5_000
 */
export function advance(watermark: Watermark, time: EventTimeMs | null, delayMs: number): Watermark {
  if (time === null) return watermark
  const next = eventTimeMs(time - delayMs)
  return watermark === null || next > watermark ? next : watermark
}

/**
 * Whether what ends at `end` is over: late if it arrives now, finished if it is already there. Spark's `end <= watermark`,
 * inclusive; for a raw event time as group key, `end` is that time.
 */
export const isLate = (end: EventTimeMs, watermark: Watermark): boolean => watermark !== null && end <= watermark
