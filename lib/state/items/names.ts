// Where the items of a query lie in the table (docs/state-protocol.md): its progress, and for each shard of each generation a
// head and the segments that heads name. Pure. A name of a segment is given once and never again: its number says which head
// may name it, its token tells two attempts at the same number apart.

import type { EventTimeMs } from '../../aggregate/time.ts'
import { MicrobatchError } from '../../error.ts'
import type { ItemKey } from '../store.ts'

/** In the body of progress. A reader that meets another layout refuses it: half-understood state is worse than none. */
export const layoutName = 'log-1'

/** Leaves room for `#`, the generation and the shard within the 2,048 bytes of a partition key. */
const maxQueryNameBytes = 1024

/** A group's place among all groups of its query. `key` is canonical: equal exactly when the grouping values are. */
export interface GroupName {
  readonly key: string
  /** Exclusive; null where the group never ends. */
  readonly windowEndMs: EventTimeMs | null
}

/** Sixteen digits hold every safe integer; negatives are complemented and sort before the others. */
export function windowEndKey(endMs: number): string {
  if (!Number.isSafeInteger(endMs)) {
    throw new MicrobatchError('VALUE_OUT_OF_RANGE', `A window ends at ${endMs}, which is not a whole millisecond.`)
  }
  return endMs < 0 ? `n${String(10n ** 16n + BigInt(endMs)).padStart(16, '0')}` : `p${String(endMs).padStart(16, '0')}`
}

/** The group's identity in sinks: stable over attempts, batches and restarts; unique within a query. */
export function groupId({ key, windowEndMs }: GroupName): string {
  if (windowEndMs === null) return `~#${key}`
  if (windowEndMs !== lastEndMs) {
    lastEndKey = `${windowEndKey(windowEndMs)}#`
    lastEndMs = windowEndMs
  }
  return lastEndKey + key
}

/** Groups come window by window, so the text of an end is made once for many. */
let lastEndMs: number | null = null
let lastEndKey = ''

/** @throws MicrobatchError CONFIG_INVALID for a name that no item could be found by */
export function progressKey(query: string): ItemKey {
  if (query === '' || query.includes('#') || Buffer.byteLength(query) > maxQueryNameBytes) {
    throw new MicrobatchError(
      'CONFIG_INVALID',
      `A query named ${JSON.stringify(query)} cannot keep state: use 1 to ${maxQueryNameBytes} bytes without "#".`,
    )
  }
  return { pk: `q#${query}`, sk: 'progress' }
}

/** The partition key of a shard's items. */
export const shardKey = (query: string, gen: string, shard: number): string => `${query}#${gen}#${shard}`

/** Those of every shard of a query, whether anybody has written it yet or not. */
export const shardKeys = (
  { name, shards }: { readonly name: string; readonly shards: number },
  gen: string,
): readonly string[] => Array.from({ length: shards }, (_, shard) => shardKey(name, gen, shard))

export const headKey = (pk: string): ItemKey => ({ pk, sk: 'head' })

/** Changed groups of appends up to a head's `seq`; or all groups, named by the head's `epoch` that a compaction makes. */
export type SegmentKind = 'seg' | 'snap'

export const segmentName = (kind: SegmentKind, number: number, token: string, part: number): string =>
  `${kind}#${number}#${token}#${part}`

/** Between these lies every segment and no head. */
export const firstSegment = 'seg#'
export const afterSegments = 'snap$'

/** @returns undefined for an item that is no segment */
export function parseSegmentName(sk: string): { readonly kind: SegmentKind; readonly number: number } | undefined {
  const [, kind, number] = /^(seg|snap)#(\d+)#/.exec(sk) ?? []
  return kind === 'seg' || kind === 'snap' ? { kind, number: Number(number) } : undefined
}
