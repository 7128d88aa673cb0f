// Which shards the rows of a batch belong to. With one shard, or where each partition has its own, no row is looked at.

import { createHash } from 'node:crypto'
import { shardKey } from '../items/names.ts'
import type { Lookup, RowGroups } from '../protocol/operators/group-operator.ts'
import type { Batch, LastingQuery, PartitionRows } from '../protocol/operators/stateful-query.ts'

/** The part of a batch that one shard has to fold. */
export interface ShardRows {
  readonly shard: number
  readonly pk: string
  readonly partitions: readonly PartitionRows<never>[]
  /** The shard of a key; null where every group of these rows is in this shard. */
  readonly shardOf: ((lookup: Lookup) => number) | null
}

export const isInShard = ({ shard, shardOf }: ShardRows, lookup: Lookup): boolean =>
  shardOf === null || shardOf(lookup) === shard

/** The shards that have rows of the batch. */
export function shardRows(query: LastingQuery, gen: string, { partitions }: Batch<never>): readonly ShardRows[] {
  const { shards, routing, name } = query
  const withRows = partitions.filter(({ rows }) => rows.length > 0)
  const of = (shard: number, parts: readonly PartitionRows<never>[], shardOf: ShardRows['shardOf'] = null) =>
    parts.length === 0 ? [] : [{ shard, pk: shardKey(name, gen, shard), partitions: parts, shardOf }]
  if (shards === 1) return of(0, withRows)
  const all = Array.from({ length: shards }, (_, shard) => shard)
  if (routing === 'partition') {
    return all.flatMap((shard) =>
      of(
        shard,
        withRows.filter(({ partition }) => partition % shards === shard),
      ),
    )
  }
  const router = query.chain?.routing ?? query.operator
  const shardOf = hashRouting(router, shards)
  const found: RowGroups = { endsMs: [], lookups: [] }
  const parts = withRows.map((part) => {
    const byShard = all.map((): { rows: never[]; at: PartitionRows<never>['at'][number][] } => ({ rows: [], at: [] }))
    part.rows.forEach((row, i) => {
      const count = router.groupsOf(row, found)
      const numbers = new Set(found.lookups.slice(0, count).map(shardOf))
      const at = part.at[i]
      for (const shard of numbers) {
        byShard[shard]?.rows.push(row)
        if (at !== undefined) byShard[shard]?.at.push(at)
      }
    })
    return { part, byShard }
  })
  return all.flatMap((shard) =>
    of(
      shard,
      parts.flatMap(({ part, byShard }) => {
        const own = byShard[shard]
        return own === undefined || own.rows.length === 0 ? [] : [{ ...part, ...own }]
      }),
      shardOf,
    ),
  )
}

/** By the hash of the key's canonical text, which is looked up once for each key of a batch. */
function hashRouting(router: Pick<LastingQuery['operator'], 'keyText'>, shards: number): (lookup: Lookup) => number {
  const known = new Map<Lookup, number>()
  return (lookup) => {
    let shard = known.get(lookup)
    if (shard === undefined) {
      shard = shardOfKey(router.keyText(lookup), shards)
      known.set(lookup, shard)
    }
    return shard
  }
}

/** The shard of a key, by its canonical text. Part of the layout: another hash would not find what is kept. */
export const shardOfKey = (keyText: string, shards: number): number =>
  createHash('sha256').update(keyText).digest().readUInt32BE(0) % shards
