// What the entries of sessions have. Only types.

import type { Accumulators } from '../../../aggregate/aggregation.ts'
import type { Interval } from './session-interval.ts'

export interface Session extends Interval {
  readonly acc: Accumulators
}

/** Beginnings of sessions, ascending. Changed in place. */
export interface SessionStarts {
  readonly starts: number[]
}

/** An index that is cut into leaves. */
export interface SessionLeaves {
  /** The first moment that each leaf has beginnings of, ascending, which names it; the first leaf has all before it, too. */
  readonly leaves: number[]
  /** How many sessions there are. */
  count: number
}

export type KeptSessions = Session | SessionStarts | SessionLeaves
