// What there is to say of kept state: how far it has come, how much it is, and what lies under a key.

import { noBound } from '../items/head.ts'
import { entryLane, isGroupEnd, owedLane } from '../items/lane.ts'
import { type ImageFields, parseImageLine } from '../items/segment.ts'
import { keyOf, slotOf } from '../shards/due-times.ts'
import type { GroupImage } from '../shards/group-image.ts'
import { namedBytes, type Shard } from '../shards/shard.ts'
import { kindOf, type LineKind } from './archived-line.ts'
import { type KeptState, keptQuery } from './kept-state.ts'

export interface PartitionAccount {
  /** `topic-partition`. */
  readonly tp: string
  /** The next record that no batch has committed. */
  readonly nextOffset: number
  /** Rows below it are in the state, of every shard that has any of the partition. */
  readonly appliedOffset: number | null
  /** Epoch milliseconds, as all times. */
  readonly maxEventTimeMs: number | null
  readonly heardAtMs: number | null
}

export interface ShardAccount {
  readonly shard: number
  /** Groups that the head has not dropped, and those of them that end after the watermark, or never. */
  readonly groups: number
  readonly openGroups: number
  /** Different ends of open groups. */
  readonly openWindows: number
  /** Entries of stateful operators, by their slots. */
  readonly entries: readonly number[]
  /** Rows that a batch gave and that may not be out yet. */
  readonly owedRows: number
  readonly segments: number
  /** Compressed, as stored: segments and the head's own changes. */
  readonly bytes: number
  readonly liveTextBytes: number
  readonly boundMs: number | null
  readonly appends: number
  readonly compactions: number
}

export interface StateAccount {
  readonly query: string
  readonly gen: string
  readonly fingerprint: Readonly<Record<string, string>>
  readonly batches: number
  readonly watermarkMs: number | null
  /** Append mode: what ended by then is out. */
  readonly closedMs: number | null
  readonly lastBatchAtMs: number
  readonly lateRows: number
  readonly deadLetters: number
  readonly partitions: readonly PartitionAccount[]
  readonly shards: readonly ShardAccount[]
}

/** @example accountOf(kept).shards.reduce((sum, { groups }) => sum + groups, 0) */
export function accountOf({ name, progress, shards }: KeptState): StateAccount {
  const { gen, fingerprint, n, watermarkMs, closedMs, lastAtMs, lateRows, deadLetters } = progress
  const { outputMode } = keptQuery(name, fingerprint)
  const openAfterMs = outputMode === 'complete' ? noBound : (watermarkMs ?? noBound)
  return {
    query: name,
    gen,
    fingerprint: Object.fromEntries(fingerprint),
    batches: n,
    ...{ watermarkMs, closedMs, lastBatchAtMs: lastAtMs, lateRows, deadLetters },
    partitions: partitionsOf({ progress, shards }),
    shards: shards.map((shard, number) => shardAccount(shard, number, openAfterMs)),
  }
}

function partitionsOf({ progress, shards }: Pick<KeptState, 'progress' | 'shards'>): readonly PartitionAccount[] {
  const { next, maxEventTimeMs, heardAtMs } = progress
  const names = new Set([...next.keys(), ...shards.flatMap(({ head }) => [...head.applied.keys()])])
  return [...names].toSorted(byNumber).map((tp) => {
    const applied = shards.flatMap(({ head }) => head.applied.get(tp) ?? [])
    return {
      tp,
      nextOffset: next.get(tp) ?? 0,
      appliedOffset: applied.length === 0 ? null : Math.min(...applied),
      maxEventTimeMs: maxEventTimeMs.get(tp) ?? null,
      heardAtMs: heardAtMs.get(tp) ?? null,
    }
  })
}

const byNumber = new Intl.Collator('en', { numeric: true }).compare

function shardAccount({ head, groups }: Shard, shard: number, openAfterMs: number): ShardAccount {
  const ends = new Set<number>()
  const entries: number[] = []
  let [numGroups, openGroups, owedRows] = [0, 0, 0]
  for (const { endMs, lookup, text, from, to } of groups.all()) {
    if (endMs === entryLane) {
      const slot = slotOf(String(lookup))
      entries[slot] = groups.entryCount(slot)
    } else if (endMs === owedLane && text !== null) owedRows += rowsIn(text.slice(from, to))
    if (!isGroupEnd(endMs)) continue
    numGroups += 1
    if (endMs <= openAfterMs) continue
    openGroups += 1
    ends.add(endMs)
  }
  return {
    ...{ shard, groups: numGroups, openGroups, openWindows: ends.size, owedRows },
    entries: Array.from(entries, (count = 0) => count),
    segments: head.segments.length,
    bytes: head.tail.reduce((sum, { byteLength }) => sum + byteLength, namedBytes(head)),
    liveTextBytes: groups.lineLength,
    boundMs: head.boundMs === noBound ? null : head.boundMs,
    appends: head.seq,
    compactions: head.epoch,
  }
}

/** A group, an entry of an operator or a row that is owed, as it is kept. */
export interface KeptLine {
  readonly shard: number
  readonly kind: LineKind
  /** Epoch milliseconds; null for what never ends, and for what is no group. */
  readonly endMs: number | null
  /** The operator that an entry is of. */
  readonly slot: number | null
  /** Texts, as they are kept: JSON, most of them. */
  readonly key: string
  readonly value: string
}

/**
 * What lies under a key: the whole of it as it is kept, or one of its columns.
 * @example [...linesWithKey(kept, 'AAPL')].map(({ value }) => value)
 */
export function* linesWithKey({ shards }: KeptState, key: string): Generator<KeptLine> {
  for (const [shard, { groups }] of shards.entries()) {
    for (const image of groups.all()) {
      const line = lineOf(shard, image)
      if (line !== undefined && (line.key === key || columnsOf(line.key).includes(key))) yield line
    }
  }
}

function lineOf(shard: number, { text, from, to }: GroupImage): KeptLine | undefined {
  if (text === null) return undefined
  const fields = parseImageLine(text.slice(from, to - 1))
  const { endMs, key, acc } = fields
  const isEntry = endMs === entryLane
  return {
    ...{ shard, kind: kindOf(fields), endMs: endIn(fields), value: acc },
    slot: isEntry ? slotOf(key) : null,
    key: isEntry ? keyOf(key) : key,
  }
}

const endIn = ({ endMs }: Pick<ImageFields, 'endMs'>): number | null =>
  Number.isFinite(endMs) && isGroupEnd(endMs) ? endMs : null

/** The values of a key as texts. */
function columnsOf(key: string): readonly string[] {
  try {
    const values: unknown = JSON.parse(key)
    return [values].flat().map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  } catch {
    return []
  }
}

/** How many rows a line has that is a block of them (row-block.ts); a line that says no number is one row. */
const rowsIn = (line: string): number => Number(/\t\{"rows":(\d+)/.exec(line)?.[1] ?? 1)
