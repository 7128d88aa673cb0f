// What every step of a batch is given.

import type { WallTimeMs } from '../../aggregate/time.ts'
import type { Shard } from '../shards/shard.ts'
import type { Turn } from '../shards/turn.ts'
import type { StateStore } from '../store.ts'
import type { StateContainer } from './container.ts'
import type { Batch, LastingQuery } from './operators/stateful-query.ts'

/** One invocation: what runs, in which container, when. */
export interface Invocation {
  readonly container: StateContainer
  /** The container's store, with the calls of this invocation counted. */
  readonly store: StateStore
  readonly query: LastingQuery
  readonly batch: Batch<never>
  /** When it began. */
  readonly nowMs: WallTimeMs
  /** Shards that this invocation has at hand, by their partition keys: nobody else in the container has them meanwhile. */
  readonly shards: Map<string, Shard>
  /** What the operators of a chain did, in the appends that were confirmed. */
  readonly turns: Turn[]
}
