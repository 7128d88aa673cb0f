// A shard that is only read: as whole appends have left it, also while others compact it, and without a write.
import { expect, test } from 'vitest'

import { shardKey } from '../../../../lib/state/items/names.ts'
import { readShard, type ShardSource } from '../../../../lib/state/protocol/log/read-shard.ts'
import { readProgress } from '../../../../lib/state/protocol/progress/progress-store.ts'
import type { Shard } from '../../../../lib/state/shards/shard.ts'
import type { StateStore } from '../../../../lib/state/store.ts'
import { memoryState } from '../../../../lib/state/stores/memory.ts'
import { aBatch, aContainer, aDriver, aQuery } from '../../tick-batches.ts'

const updates = aQuery({ shards: 1, outputMode: 'update' })
const options = { maxTailBytes: 0, maxSegments: 2 }
const oneRow = (offset: number) => aBatch({ 't-0': { from: offset, times: [offset + 1] } })

const source = (store: Pick<StateStore, 'get'>): ShardSource => ({ store, query: updates as never })
const onlyShard = async (store: StateStore): Promise<string> =>
  shardKey('ticks', (await readProgress(store, 'ticks'))?.gen ?? '', 0)
const shown = ({ groups }: Shard): readonly string[] =>
  Array.from(groups.groups(), (image) => `${image.endMs} ${groups.keyOf(image)} {${groups.accOf(image)}}`)

test('a shard that nobody has written is empty', async () => {
  const shard = await readShard(source(memoryState()), 'ticks#none#0')
  expect({ groups: shown(shard), rev: shard.head.rev }).toEqual({ groups: [], rev: null })
})

test('a copy is brought up to date by the head and the segments that it has not seen', async () => {
  const store = memoryState()
  const driver = aDriver(updates, aContainer(store, { maxTailBytes: 0 }))
  await driver.run(oneRow(0))
  await driver.run(oneRow(1))
  const asked: string[] = []
  const counted: ShardSource['store'] = {
    get(key) {
      asked.push(key.sk.split('#', 2).join('#'))
      return store.get(key)
    },
  }
  const pk = await onlyShard(store)
  const copy = await readShard(source(counted), pk)
  expect(shown(copy)).toEqual(['10 a {t-0:0,t-0:1}'])
  await driver.run(oneRow(2))
  expect(shown(await readShard(source(counted), pk, copy))).toEqual(['10 a {t-0:0,t-0:1,t-0:2}'])
  expect(asked).toEqual(['head', 'seg#1', 'seg#2', 'head', 'seg#3'])
})

test('segments that a compaction removes after the head was read are looked for in the new head', async () => {
  const store = memoryState()
  const driver = aDriver(updates, aContainer(store, options))
  let offset = 0
  await driver.run(oneRow(offset++))
  await driver.run(oneRow(offset++))
  let rowsWhileReading = 3
  let lost = 0
  const racing: ShardSource['store'] = {
    async get(key) {
      // Others go on between the head and its segments.
      while (key.sk !== 'head' && rowsWhileReading-- > 0) await driver.run(oneRow(offset++))
      const item = await store.get(key)
      if (item === undefined) lost += 1
      return item
    },
  }
  const shard = await readShard(source(racing), await onlyShard(store))
  expect(lost).toBeGreaterThan(0)
  expect(shown(shard)).toEqual(['10 a {t-0:0,t-0:1,t-0:2,t-0:3,t-0:4}'])
})

test('a segment that is gone while the head still names it is damage, and says so', async () => {
  const store = memoryState()
  await aDriver(updates, aContainer(store, options)).run(oneRow(0))
  const pk = await onlyShard(store)
  for await (const page of store.range(pk, 'seg#', 'snap$')) await store.exchange([], page)
  await expect(readShard(source(store), pk)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' })
})
