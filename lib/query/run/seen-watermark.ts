// The watermark of a query that keeps no state, for its progress: by the event times that this container has seen. Nothing is late by
// it; Spark's moves in the same way, over all partitions.

import { advance, candidate, type Watermark } from '../../aggregate/watermark.ts'
import { mergeByMax } from '../../state/items/progress.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { EventTimes } from '../read/event-times.ts'

export interface SeenWatermark {
  /** What a batch begins with; null before any event time. */
  readonly currentMs: Watermark
  /** A batch is over. */
  move(eventTimes: EventTimes['maxByPartition']): void
}

export function seenWatermark({ plan, watermarkPolicy }: StreamingQuery): SeenWatermark {
  let maxEventTimes: EventTimes['maxByPartition'] = new Map()
  let currentMs: Watermark = null
  return {
    get currentMs() {
      return currentMs
    },
    move(eventTimes) {
      if (plan.watermark === null) return
      maxEventTimes = mergeByMax(maxEventTimes, eventTimes)
      const partitions = maxEventTimes.keys()
      const { time } = candidate(
        watermarkPolicy === 'max' ? { policy: 'max', maxEventTimes } : { policy: 'min', maxEventTimes, partitions },
      )
      currentMs = advance(currentMs, time, plan.watermark.delayMs)
    },
  }
}
