// What every step of a batch is given.
import type { WallTimeMs } from '../../aggregate/time.ts'
import type { StateSession } from './session.ts'
import type { Batch, StatefulQuery } from './stateful-query.ts'

/** One invocation: what runs, in which session, when. */
export interface Invocation<V> {
  readonly session: StateSession
  readonly query: StatefulQuery<V>
  readonly batch: Batch<V>
  /** When it began. */
  readonly nowMs: WallTimeMs
}
