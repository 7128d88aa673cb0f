// What one container keeps between invocations to run batches against a store: the store, warm copies, and the sources of
// chance and waiting, passed in so that a test decides both. One per query and container; several invocations may share it.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StateStore } from '../store.ts'
import { protocolRules, type Rules } from './rules.ts'
import { WarmCopies } from './warm-copies.ts'

export interface StateSession {
  readonly store: StateStore
  readonly warm: WarmCopies
  readonly rules: Rules
  /** Times a write is tried before the batch fails with STATE_CONFLICT. */
  readonly maxTries: number
  /** Groups worked on at the same time. */
  readonly parallelism: number
  /** A token never given before: revisions and generations. */
  newToken(): string
  /** In [0, 1): spreads the waits of invocations that met. */
  random(): number
  sleep(ms: number): Promise<void>
}

/**
 * @example
 * ```ts
 * const session = stateSession(memoryState())
 * const applied = await applyBatch(session, query, batch, wallTimeMs(Date.now()))
 * ```
 */
export function stateSession(store: StateStore, options: Partial<Omit<StateSession, 'store'>> = {}): StateSession {
  return {
    store,
    warm: new WarmCopies(),
    rules: protocolRules,
    maxTries: 8,
    parallelism: 16,
    newToken: randomUUID,
    random: Math.random,
    sleep: async (ms) => {
      await sleep(ms)
    },
    ...options,
  }
}
