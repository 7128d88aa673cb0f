// The last minutes of one mapping, second by second: what its plots are drawn of. Events add to the second that runs; `tick` ends it.

import type { HistoryPoint } from './state.ts'

const maxPoints = 900
const rateSeconds = 10

export interface History {
  readonly add: (counts: Partial<Record<'polled' | 'handled' | 'failed', number>>) => void
  /** Ends a second. @returns its point */
  readonly tick: (now: Pick<HistoryPoint, 't' | 'lag' | 'gapMs'>) => HistoryPoint
  readonly points: () => readonly HistoryPoint[]
  /** Records a second over the last ten seconds. */
  readonly rate: (of: 'polled' | 'handled') => number
}

/** @example const history = createHistory(); history.add({ polled: 15 }); history.tick({ t: 1700000000, lag: 0, gapMs: null }) */
export function createHistory(): History {
  const points: HistoryPoint[] = []
  let running = { polled: 0, handled: 0, failed: 0 }
  return {
    add: ({ polled = 0, handled = 0, failed = 0 }) => {
      running.polled += polled
      running.handled += handled
      running.failed += failed
    },
    tick: (now) => {
      const point = { ...now, ...running }
      points.push(point)
      if (points.length > maxPoints) points.shift()
      running = { polled: 0, handled: 0, failed: 0 }
      return point
    },
    points: () => [...points],
    rate: (of) => {
      const last = points.slice(-rateSeconds)
      return last.length === 0 ? 0 : last.reduce((sum, point) => sum + point[of], 0) / last.length
    },
  }
}
