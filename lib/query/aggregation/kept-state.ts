// What the state of a query is recognised and found by, whether what is kept is its own, and how to begin it anew.

import { wallTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import { stateContainer } from '../../state/protocol/container.ts'
import { takeoverOf } from '../../state/protocol/evolution/takeover.ts'
import type { LastingQuery } from '../../state/protocol/operators/stateful-query.ts'
import { readProgress } from '../../state/protocol/progress/progress-store.ts'
import { resetState as resetKeptState } from '../../state/reset.ts'
import type { StateStore } from '../../state/store.ts'
import { topicsText } from '../plan/sources.ts'
import { checkShards } from '../plan/stages/spread.ts'
import { isStateful } from '../plan/stages/staged.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { compileKept, type KeptOperators } from './kept-operators.ts'
import { countOf, type PartitionCounts } from './partition-counts.ts'

/** How the groups of a query are spread: what the deployment says of it. */
export interface Spread {
  /** The partition count of the topic, or of each by its name; null where it is not known. */
  readonly partitions: PartitionCounts | null
  readonly shards: number
}

export function keptAs(query: StreamingQuery, { fingerprint, parts }: KeptOperators, { partitions, shards }: Spread) {
  const isKeyed = keyedBy(query) !== null
  if (isKeyed && partitions === null) {
    const problem = `${query.name}: with keyedBy each partition has a shard of its own, so their number must be known.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Give it as \`partitions\`.`)
  }
  if (!isKeyed) checkShards(query.plan, shards)
  return {
    name: query.name,
    fingerprint: { topic: topicsText(query.plan), ...fingerprint },
    parts,
    evolve: query.evolve,
    outputMode: query.outputMode,
    shards: isKeyed && partitions !== null ? countOf(partitions, topicsText(query.plan)) : shards,
    routing: isKeyed ? 'partition' : 'hash',
  } as const
}

/** The column that the topic's records are keyed by, if the query says so. */
export const keyedBy = ({ plan: { source } }: StreamingQuery): string | null =>
  source.kind === 'kafka' ? source.keyedBy : null

/**
 * Begins empty state for a query, whatever was kept before, also under another layout or fingerprint. Rows delivered from
 * now on are folded from nothing; to read the topic again as well, give the mapping another consumer group.
 *
 * @returns how many old items were removed
 * @throws MicrobatchError CONFIG_INVALID for a stateless query; STATE_CONFLICT if a batch committed at the same
 *   moment: call it again
 * @example await resetState(barsQuery, dynamoState({ table: 'bars-state' }))
 */
export async function resetState(
  query: StreamingQuery,
  state: StateStore,
  { partitions = null, shards = 1, nowMs = Date.now() }: Partial<Spread> & { readonly nowMs?: number } = {},
): Promise<number> {
  const lasting = lastingOf(query, { partitions, shards })
  return resetKeptState(stateContainer(state), lasting, wallTimeMs(nowMs))
}

/**
 * Whether what is kept under the name of a query is its own, asked before it runs: each batch would be refused otherwise, for
 * ever. It reads one item and changes nothing.
 *
 * @param spread how the handler spreads the groups; what is left out is not compared
 * @throws MicrobatchError STATE_INCOMPATIBLE naming every difference and the ways out; CONFIG_INVALID for a stateless
 *   query; STATE_FAILED where the store does not answer
 * @example await checkState(barsQuery, dynamoState({ table: 'bars-state' }))
 */
export async function checkState(
  query: StreamingQuery,
  state: StateStore,
  { partitions, shards }: Partial<Spread> = {},
): Promise<void> {
  const isSpreadKnown = keyedBy(query) === null ? shards !== undefined : partitions != null
  const lasting = lastingOf(query, { partitions: partitions ?? 1, shards: shards ?? 1 })
  const progress = await readProgress(state, query.name)
  if (progress !== undefined) takeoverOf(progress, lasting, new Set(isSpreadKnown ? [] : ['shards']))
}

/** For what never looks into rows. */
export function lastingOf(query: StreamingQuery, spread: Spread): LastingQuery {
  if (!isStateful(query.plan)) {
    throw new MicrobatchError('CONFIG_INVALID', `${query.name}: a query without a stateful operator has no state.`)
  }
  const kept = compileKept(query.plan, query.outputMode, query.evolve)
  return {
    ...keptAs(query, kept, spread),
    watermark: null,
    windows: kept.grid,
    operator: kept.operator,
    chain: kept.chain?.operators(null) ?? null,
    gives: kept.gives,
  } as unknown as LastingQuery
}
