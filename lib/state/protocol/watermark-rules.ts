// What the watermark of a query follows: one rule over all partitions, or several over the partitions of their topics, of which the
// least or the greatest counts. Pure.

import type { WallTimeMs } from '../../aggregate/time.ts'
import { type Candidate, candidate } from '../../aggregate/watermark.ts'
import type { Progress } from '../items/progress.ts'
import type { OneWatermark, SeveralWatermarks, StatefulQuery, WatermarkSpec } from './operators/stateful-query.ts'

/** The event time that decides, and the delay that it is followed at, milliseconds. */
export interface Decisive extends Candidate<string> {
  readonly delayMs: number
}

type Times = Pick<Progress, 'maxEventTimeMs' | 'heardAtMs' | 'aliveAtMs'>

/** The event time a watermark may follow, and the partition it comes from: with `min` the one that holds it back. */
export function decisive(progress: Times, watermark: WatermarkSpec, nowMs: WallTimeMs): Decisive {
  if (watermark.policy !== 'several') return decisiveOfOne(progress, watermark, nowMs)
  const { combined, watermarks } = watermark
  const ofEach = watermarks.map((one) => {
    const own = new Set(one.topics)
    const maxEventTimeMs = new Map([...progress.maxEventTimeMs].filter(([tp]) => own.has(topicOf(tp))))
    return decisiveOfOne({ ...progress, maxEventTimeMs }, one, nowMs)
  })
  const sign = combined === 'min' ? 1 : -1
  // Without an event time a watermark is before all others: it is the least, and never the greatest.
  const reached = ({ time, delayMs }: Decisive): number => (time === null ? Number.NEGATIVE_INFINITY : time - delayMs)
  const [first] = ofEach.toSorted((left, right) => (reached(left) < reached(right) ? -sign : sign))
  return first ?? { time: null, partition: null, delayMs: 0 }
}

function decisiveOfOne(progress: Times, watermark: OneWatermark, nowMs: WallTimeMs): Decisive {
  const { delayMs } = watermark
  const maxEventTimes = progress.maxEventTimeMs
  if (watermark.policy === 'max') return { ...candidate({ policy: 'max', maxEventTimes }), delayMs }
  const { partitions: known, idleTimeoutMs } = watermark
  const partitions = new Set([...known, ...maxEventTimes.keys()])
  if (idleTimeoutMs === undefined) return { ...candidate({ policy: 'min', maxEventTimes, partitions }), delayMs }
  const activity = { heard: progress.heardAtMs, alive: progress.aliveAtMs, now: nowMs, idleMs: idleTimeoutMs }
  return { ...candidate({ policy: 'min', maxEventTimes, partitions, activity }), delayMs }
}

/** The watermarks that a query has, each by its own rule. */
export const watermarksOf = (spec: WatermarkSpec | null): readonly OneWatermark[] =>
  spec === null ? [] : spec.policy === 'several' ? spec.watermarks : [spec]

/** Infinite where no partition is ever idle. */
export function idleTimeoutOf({ watermark }: Pick<StatefulQuery<never>, 'watermark'>): number {
  const timeouts = watermarksOf(watermark).flatMap((one) => (one.policy === 'min' ? [one.idleTimeoutMs] : []))
  return timeouts.find((timeout) => timeout !== undefined) ?? Number.POSITIVE_INFINITY
}

/** Whether a partition is one that the query was not told of, and should have been. */
export function isUnknownTo(spec: WatermarkSpec | null, tp: string): boolean {
  if (spec === null || spec.policy === 'max') return false
  if (spec.policy === 'min') return !spec.partitions.includes(tp)
  const own = spec.watermarks.find(({ topics }) => topics.includes(topicOf(tp)))
  return own?.policy === 'min' && !own.partitions.includes(tp)
}

/** Whether progress can say what holds the watermark back. */
export const isHeldBack = (
  spec: WatermarkSpec | null,
): spec is Exclude<OneWatermark, { policy: 'max' }> | SeveralWatermarks => spec !== null && spec.policy !== 'max'

const topicOf = (tp: string): string => tp.slice(0, tp.lastIndexOf('-'))
