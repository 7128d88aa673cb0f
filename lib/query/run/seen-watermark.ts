// The watermark of a query that keeps no state, for its progress: by the event times that this container has seen. Nothing is late by
// it; Spark's moves in the same way, over all partitions.

import { wallTimeMs } from '../../aggregate/time.ts'
import { advance, type Watermark } from '../../aggregate/watermark.ts'
import { mergeByMax } from '../../state/items/progress.ts'
import { decisive } from '../../state/protocol/watermark-rules.ts'
import { seenWatermarkSpec } from '../aggregation/watermark-spec.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { EventTimes } from '../read/event-times.ts'

export interface SeenWatermark {
  /** What a batch begins with; null before any event time. */
  readonly currentMs: Watermark
  /** A batch is over. */
  move(eventTimes: EventTimes['maxByPartition']): void
}

export function seenWatermark(query: StreamingQuery): SeenWatermark {
  const spec = seenWatermarkSpec(query)
  let maxEventTimes: EventTimes['maxByPartition'] = new Map()
  let currentMs: Watermark = null
  return {
    get currentMs() {
      return currentMs
    },
    move(eventTimes) {
      if (spec === null) return
      maxEventTimes = mergeByMax(maxEventTimes, eventTimes)
      const seen = { maxEventTimeMs: maxEventTimes, heardAtMs: new Map(), aliveAtMs: wallTimeMs(0) }
      const { time, delayMs } = decisive(seen, spec, wallTimeMs(0))
      currentMs = advance(currentMs, time, delayMs)
    },
  }
}
