// The whole protocol on a real store, several invocations at once: what the schedules prove on a simulated one must also
// hold where conditions and reads are somebody else's code.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { eventTimeMs, wallTimeMs } from '../../lib/aggregate/time.ts'
import { groupImage } from '../../lib/state/items/group-image.ts'
import { firstSortKey, lastSortKey, shardKeys } from '../../lib/state/items/layout.ts'
import { applyBatch } from '../../lib/state/protocol/apply-batch.ts'
import { stateSession } from '../../lib/state/protocol/session.ts'
import type { StatefulQuery } from '../../lib/state/protocol/stateful-query.ts'
import { runBatch } from './emission.ts'
import { properSinks, rememberingSinks } from './schedule/sinks.ts'
import { batchOf, foldIds, type Ranges, type Rec, rowsOf, type Topic } from './schedule/topic.ts'
import type { StoreUnderTest } from './store-contract.ts'

const perPartition = 30
const tps = ['t-0', 't-1', 't-2']

/** Ordered by time, so that nothing is late; the last record of each partition closes what comes before. */
const topic: Topic = new Map(
  tps.map((tp) => [
    tp,
    Array.from({ length: perPartition }, (_, offset): Rec => {
      const time = offset === perPartition - 1 ? 1000 : 20 + offset * 2
      return { tp, offset, key: offset % 3 === 0 ? 'a' : 'b', eventTimeMs: eventTimeMs(time) }
    }),
  ]),
)

const query: StatefulQuery<Rec> = {
  name: 'on-store',
  fingerprint: { window: '10' },
  outputMode: 'append',
  watermark: { policy: 'min', delayMs: 5, partitions: tps },
  windows: { everyMs: 10, phaseMs: 0 },
  shards: 3,
  fold: foldIds,
}

export function protocolOnStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`the protocol on ${name}`, () => {
    let under: StoreUnderTest
    beforeAll(async () => {
      under = await start()
    }, 60_000)
    afterAll(() => under.stop())

    test('partitions in parallel and every batch twice give each row once, each window once', async () => {
      const { emission, appended, late } = rememberingSinks(properSinks)
      const work = async (tp: string): Promise<void> => {
        const session = stateSession(under.store, { maxTries: 30 })
        for (let from = 0; from < perPartition; from += 6) {
          const ranges: Ranges = new Map([[tp, [from, from + 6]]])
          const batch = batchOf(topic, ranges, 10)
          const other = stateSession(under.store, { maxTries: 30 })
          await runBatch(applyBatch, [session, query, batch, wallTimeMs(Date.now())], emission)
          await runBatch(applyBatch, [other, query, batch, wallTimeMs(Date.now())], emission)
        }
      }
      await Promise.all(tps.map(work))

      expect(late).toEqual(new Set())
      const gen = appended[0]?.gen ?? ''
      const folded: string[] = []
      for (const pk of shardKeys(query.name, gen, query.shards)) {
        for await (const page of under.store.range(pk, firstSortKey, lastSortKey)) {
          for (const item of page) folded.push(...rowsOf(groupImage(item).acc))
        }
      }
      const all = [...topic.values()].flat().map(({ tp, offset }) => `${tp}:${offset}`)
      expect(folded.toSorted()).toEqual(all.toSorted())

      const contents = new Map<string, Set<string>>()
      for (const { id, acc } of appended) contents.set(id, (contents.get(id) ?? new Set()).add(acc))
      expect([...contents.values()].every((accs) => accs.size === 1)).toBe(true)
      const emitted = [...contents.values()].flatMap(([acc]) => rowsOf(acc ?? null))
      const closed = all.filter((row) => !row.endsWith(`:${perPartition - 1}`))
      expect(emitted.toSorted()).toEqual(closed.toSorted())
    }, 60_000)
  })
}
