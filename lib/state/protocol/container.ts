// What one Lambda container keeps between invocations to run the batches of a query: the store, warm shards, and the sources
// of chance and waiting, passed in so that a test decides both.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WarmShards } from '../shards/warm-shards.ts'
import type { StateStore } from '../store.ts'
import { protocolRules, type Rules } from './rules.ts'

export interface StateContainer {
  readonly store: StateStore
  readonly warm: WarmShards
  readonly rules: Rules
  /** What was taken over from another version of the query, and is yet to be said by a batch that is over. */
  readonly takenOver: string[]
  /** Times a write is tried before the batch fails with STATE_CONFLICT. */
  readonly maxTries: number
  /** Calls to the store under way at the same time. */
  readonly parallelism: number
  /** Bytes of changes that a head holds itself. */
  readonly maxTailBytes: number
  /** Text of groups that goes into one segment. */
  readonly pieceLength: number
  /** A shard with more segments than this is compacted. */
  readonly maxSegments: number
  /** Named bytes beyond five times the live ones that are put up with. */
  readonly slackBytes: number
  /** Each so many compactions of a shard, what nobody names is looked for. */
  readonly compactionsPerSweep: number
  /** A token never given before: revisions and generations; names of segments. */
  newToken(): string
  newSegmentToken(): string
  /** In [0, 1): spreads the waits of invocations that met. */
  random(): number
  sleep(ms: number): Promise<void>
}

/** Some minutes of tries, since with many invocations at once eight are too few; Lambda's timeout ends them sooner. */
const maxTries = 200

/**
 * @param options.maxStateBytes memory for warm shards, an estimate; the ones not used longest are read again. @default 256 MB
 * @example
 * ```ts
 * const container = stateContainer(memoryState())
 * const applied = await applyBatch(container, query, batch, wallTimeMs(Date.now()))
 * ```
 */
export function stateContainer(
  store: StateStore,
  { maxStateBytes, ...options }: Partial<Omit<StateContainer, 'store'>> & { readonly maxStateBytes?: number } = {},
): StateContainer {
  return {
    store,
    warm: new WarmShards(maxStateBytes),
    rules: protocolRules,
    takenOver: [],
    maxTries,
    parallelism: 16,
    maxTailBytes: 3 * 1024,
    pieceLength: 1_000_000,
    maxSegments: 128,
    slackBytes: 128 * 1024,
    compactionsPerSweep: 10,
    newToken: randomUUID,
    newSegmentToken: randomUUID,
    random: Math.random,
    sleep: async (ms) => {
      await sleep(ms)
    },
    ...options,
  }
}
