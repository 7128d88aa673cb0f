// Where the items of a query lie in the table (docs/state-protocol.md): one progress item, and one item per group, spread
// over S partition keys per generation. Pure. Keys sort by window end, so that "every group that ended in (C, W]" is
// one range per shard; group-image.ts and progress.ts say what the items contain.
import { createHash } from 'node:crypto'

import type { EventTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import type { ItemKey } from '../store.ts'

/** In every item's body. A reader that meets another number refuses it: half-understood state is worse than none. */
export const layoutVersion = 1

/** DynamoDB's limit on a sort key, in bytes (Developer Guide, "Quotas": 1,024). */
const maxSortKeyBytes = 1024
/** Leaves room for `#`, the generation and the shard within the 2,048 bytes of a partition key. */
const maxQueryNameBytes = 1024

/** Bounds of a range over all groups: every sort key of a group lies between. */
export const firstSortKey = '!'
export const lastSortKey = '~~'

/** A group's place among all groups of its query. `key` is canonical: equal exactly when the grouping values are. */
export interface GroupName {
  readonly key: string
  /** Exclusive; null where the grouping has no window. */
  readonly windowEndMs: EventTimeMs | null
}

/** Sixteen digits are enough for every safe integer; negatives are complemented and sort before the others. */
export function windowEndKey(endMs: number): string {
  if (!Number.isSafeInteger(endMs)) {
    throw new MicrobatchError('VALUE_OUT_OF_RANGE', `A window ends at ${endMs}, which is not a whole millisecond.`)
  }
  return endMs < 0 ? `n${String(10n ** 16n + BigInt(endMs)).padStart(16, '0')}` : `p${String(endMs).padStart(16, '0')}`
}

/** The group's identity in sinks: stable over attempts, batches and restarts; unique within a query. */
export function groupId({ key, windowEndMs }: GroupName): string {
  return windowEndMs === null ? `~#${key}` : `${windowEndKey(windowEndMs)}#${key}`
}

export function progressKey(query: string): ItemKey {
  if (query === '' || query.includes('#') || Buffer.byteLength(query) > maxQueryNameBytes) {
    throw new MicrobatchError(
      'CONFIG_INVALID',
      `A query named ${JSON.stringify(query)} cannot keep state: use 1 to ${maxQueryNameBytes} bytes without "#".`,
    )
  }
  return { pk: `q#${query}`, sk: 'progress' }
}

export function groupKey(query: string, gen: string, shards: number, name: GroupName): ItemKey {
  const sk = sortKey(name)
  return { pk: shardKey(query, gen, shardOf(sk, shards)), sk }
}

export function shardKeys(query: string, gen: string, shards: number): readonly string[] {
  return Array.from({ length: shards }, (_, shard) => shardKey(query, gen, shard))
}

const shardKey = (query: string, gen: string, shard: number): string => `${query}#${gen}#${shard}`

// A key too long for DynamoDB is replaced by its digest; the group's body keeps the key itself. So is a key that looks
// like a digest, and one with lone surrogates, which UTF-8 cannot tell apart: two keys never share an item.
const digestMark = '~sha256:'

function sortKey(name: GroupName): string {
  const { key, windowEndMs } = name
  const id = groupId(name)
  if (Buffer.byteLength(id) <= maxSortKeyBytes && !key.startsWith(digestMark) && key.isWellFormed()) return id
  const digest = createHash('sha256').update(JSON.stringify(key)).digest('hex')
  return groupId({ key: digestMark + digest, windowEndMs })
}

function shardOf(sk: string, shards: number): number {
  return shards === 1 ? 0 : createHash('sha256').update(sk).digest().readUInt32BE(0) % shards
}
