import { expect, test } from 'vitest'
import type { LastingQuery } from '../../../lib/state/protocol/operators/stateful-query.ts'
import { emptyShard, type Shard } from '../../../lib/state/shards/shard.ts'
import { WarmShards } from '../../../lib/state/shards/warm-shards.ts'
import { aQuery } from '../tick-batches.ts'

function aShard(pk: string, { seq = 1, groups = 0 } = {}): Shard {
  const shard = emptyShard(pk, aQuery() as unknown as LastingQuery)
  shard.head = { ...shard.head, seq }
  for (let i = 0; i < groups; i += 1) shard.groups.findOrAdd(10, `k${i}`)
  return shard
}

test('a shard that was taken is nobody else’s until it is given back', () => {
  const warm = new WarmShards()
  const shard = aShard('a')
  warm.give(shard)
  expect(warm.take('a')).toBe(shard)
  expect(warm.take('a')).toBeUndefined()
  warm.give(shard)
  expect(warm.take('a')).toBe(shard)
})

test('of two copies the newer one stays', () => {
  const warm = new WarmShards()
  const [old, young] = [aShard('a', { seq: 3 }), aShard('a', { seq: 4 })]
  warm.give(young)
  warm.give(old)
  expect(warm.take('a')).toBe(young)
})

test('memory is bounded: the shards not used longest go first', () => {
  const warm = new WarmShards(3 * 400)
  for (const pk of ['a', 'b', 'c']) warm.give(aShard(pk, { groups: 1 }))
  warm.give(warm.take('a') ?? aShard('a'))
  warm.give(aShard('d', { groups: 1 }))
  expect(['a', 'b', 'c', 'd'].filter((pk) => warm.take(pk) !== undefined)).toEqual(['a', 'c', 'd'])
})

test('shards of another generation are dropped', () => {
  const warm = new WarmShards()
  warm.give(aShard('q#g1#0'))
  warm.give(aShard('q#g2#0'))
  warm.keepOnly('q#g2#')
  expect(warm.take('q#g1#0')).toBeUndefined()
  expect(warm.take('q#g2#0')).toBeDefined()
})
