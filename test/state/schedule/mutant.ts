// What may be taken out of the protocol, alone: its pure rules, the order of its steps, the store's conditions, the sinks'
// refusals, the order of delivery. The production code knows nothing of this: rules are a record that is passed in, a
// mutant's order of steps is composed here of the very steps that are deployed.

import type { applyBatch } from '../../../lib/state/protocol/apply-batch.ts'
import type { Rules } from '../../../lib/state/protocol/rules.ts'
import type { StateStore } from '../../../lib/state/store.ts'
import type { Random } from './random.ts'
import type { SinkRules } from './sinks.ts'

export interface Mutant {
  readonly rules?: Partial<Rules>
  readonly run?: typeof applyBatch
  readonly sinks?: Partial<SinkRules>
  /** Around the store itself, below the gates. */
  readonly store?: (store: StateStore, random: Random) => StateStore
  /** Around what an invocation sees, above the gates. */
  readonly seen?: (store: StateStore) => StateStore
  /** A failed batch comes again in halves, the second first. */
  readonly laterHalfFirst?: boolean
}
