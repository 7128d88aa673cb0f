// All that a query keeps, as it was at one moment: its progress and every shard. Read by the rules of those who write, without the
// query itself: lines of groups stay text, so that state of any query can be looked at, copied and put elsewhere.

import { setTimeout as sleep } from 'node:timers/promises'
import type { OutputMode } from '../../aggregate/output-mode.ts'
import { MicrobatchError } from '../../error.ts'
import { headKey, progressKey, shardKeys } from '../items/names.ts'
import { type Progress, progressFromItem } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import { ownLayout } from '../protocol/evolution/kept-layout.ts'
import { readShard } from '../protocol/log/read-shard.ts'
import type { GroupOperator } from '../protocol/operators/group-operator.ts'
import type { LastingQuery } from '../protocol/operators/stateful-query.ts'
import type { Shard } from '../shards/shard.ts'
import type { StateStore } from '../store.ts'

export interface KeptState {
  readonly name: string
  readonly progress: Progress
  /** In the order of their numbers, also those that nobody has written. */
  readonly shards: readonly Shard[]
}

export interface ReadKeptOptions {
  /** How often it is read again while batches change it. @default 40 */
  readonly maxTries?: number
  /** Between two readings. @default 25 */
  readonly pauseMs?: number
}

const parallelism = 16

/**
 * The state of a query at a moment at which all of it stood together: what was read is read again until no batch has changed it
 * meanwhile. A query that goes on from there goes on as one whose invocation was killed at that moment. It is held in memory.
 *
 * @returns undefined where nothing is kept under the name
 * @throws MicrobatchError STATE_CONFLICT while batches write it faster than it is read; STATE_INCOMPATIBLE for another layout;
 *   STATE_FAILED
 * @example (await readKeptState(dynamoState({ table }), 'bars'))?.progress.watermarkMs
 */
export async function readKeptState(
  store: Pick<StateStore, 'get'>,
  name: string,
  { maxTries = 40, pauseMs = 25 }: ReadKeptOptions = {},
): Promise<KeptState | undefined> {
  let item = await store.get(progressKey(name))
  const copies = new Map<string, Shard>()
  for (let tries = 0; tries < maxTries && item !== undefined; tries += 1) {
    const progress = progressFromItem(item)
    const query = keptQuery(name, progress.fingerprint)
    const shards = await inParallel(shardKeys(query, progress.gen), parallelism, async (pk) => {
      const shard = await readShard({ store, query, parallelism }, pk, copies.get(pk))
      copies.set(pk, shard)
      return shard
    })
    const now = await store.get(progressKey(name))
    if (now?.rev === item.rev && (await areHeads(store, shards))) return { name, progress, shards }
    item = now
    await sleep(pauseMs)
  }
  if (item === undefined) return undefined
  throw new MicrobatchError(
    'STATE_CONFLICT',
    `The state of query "${name}" changed ${maxTries} times while it was read, each time before it was read to its end. ` +
      'Pause its consumer, or try again.',
  )
}

/** Whether the heads are what was read. A revision never comes twice, so all of them stood together at some moment between. */
async function areHeads(store: Pick<StateStore, 'get'>, shards: readonly Shard[]): Promise<boolean> {
  const found = await inParallel(shards, parallelism, ({ pk }) => store.get(headKey(pk)))
  return shards.every(({ head }, i) => (found[i]?.rev ?? null) === head.rev)
}

/** A query as far as its kept state says it: enough to read shards, and to know which groups are no longer there. */
export function keptQuery(name: string, fingerprint: ReadonlyMap<string, string>): LastingQuery {
  return {
    name,
    fingerprint: Object.fromEntries(fingerprint),
    outputMode: (fingerprint.get('outputMode') ?? 'complete') as OutputMode,
    watermark: null,
    windows: null,
    shards: shardsIn(fingerprint),
    routing: fingerprint.get('routing') === 'partition' ? 'partition' : 'hash',
    operator: textOperator as GroupOperator<never, unknown>,
    chain: null,
    gives: fingerprint.has('aggregates') ? 'groups' : 'rows',
    // Lines stay text, so that those of any version of the query are read alike.
    layout: { ...ownLayout, evolution: Number.POSITIVE_INFINITY },
  }
}

export const shardsIn = (fingerprint: ReadonlyMap<string, string>): number => Number(fingerprint.get('shards') ?? 1)

/** Keys and accumulators as their texts. */
const textOperator: GroupOperator<never, string> = {
  groupsOf: () => 0,
  keyText: String,
  lookupOf: (text) => text,
  init: () => '',
  add: (acc) => acc,
  write: (acc, out) => out.text(acc),
  decode: (encoded) => encoded,
}
