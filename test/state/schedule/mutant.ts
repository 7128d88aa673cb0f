// What may be taken out of the protocol, alone: its pure rules, the order of its steps, the store's conditions, the sinks'
// refusals, the order of delivery. The production code knows nothing of this: rules are a record that is passed in, a
// mutant's order of steps is composed here of the very steps that are deployed.

import type { WallTimeMs } from '../../../lib/aggregate/time.ts'
import type { StateContainer } from '../../../lib/state/protocol/container.ts'
import type { Batch, StatefulQuery } from '../../../lib/state/protocol/operators/stateful-query.ts'
import type { Rules } from '../../../lib/state/protocol/rules.ts'
import type { WarmShards } from '../../../lib/state/shards/warm-shards.ts'
import type { StateStore } from '../../../lib/state/store.ts'
import type { Random } from './random.ts'
import type { SinkRules, Sinks } from './sinks.ts'
import type { Rec } from './topic.ts'

/** What a handler does with a batch: applies it, writes what comes of it, acknowledges. */
export type RunBatch = (
  container: StateContainer,
  query: StatefulQuery<Rec, string[]>,
  batch: Batch<Rec>,
  sinks: Pick<Sinks, 'late' | 'rows'>,
  nowMs: WallTimeMs,
) => Promise<void>

export interface Mutant {
  readonly rules?: Partial<Rules>
  readonly container?: Partial<StateContainer>
  readonly run?: RunBatch
  readonly sinks?: Partial<SinkRules>
  /** Around the store itself, below the gates. */
  readonly store?: (store: StateStore, random: Random) => StateStore
  /** Around what an invocation sees, above the gates. */
  readonly seen?: (store: StateStore) => StateStore
  readonly makesWarm?: () => WarmShards
  /** What a store says of a put that was refused after an earlier try of its client's own. */
  readonly trustsRefusals?: boolean
  /** A failed batch comes again in halves, the second first. */
  readonly laterHalfFirst?: boolean
  /** Keys are declared to belong to a partition, and do not. */
  readonly isFalselyKeyed?: boolean
}
