// The whole protocol on a real store, several invocations at once: what the schedules prove on a simulated one must also
// hold where conditions and reads are somebody else's code.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { eventTimeMs } from '../../lib/aggregate/time.ts'
import { batchOf, idsOperator, type Ranges, type Rec, rowsOf, type Topic } from './schedule/topic.ts'
import type { StoreUnderTest } from './store-contract.ts'
import { aContainer, aDriver, aQuery, tumbling } from './tick-batches.ts'

const perPartition = 30
const tps = ['t-0', 't-1', 't-2']

/** Ordered by time, so that nothing is late; the last record of each partition closes what comes before. */
const topic: Topic = new Map(
  tps.map((tp, partition) => [
    tp,
    Array.from({ length: perPartition }, (_, offset): Rec => {
      const time = offset === perPartition - 1 ? 1000 : 20 + offset * 2
      return { tp, partition, offset, key: offset % 3 === 0 ? 'a' : 'b', eventTimeMs: eventTimeMs(time) }
    }),
  ]),
)

const query = aQuery({
  name: 'on-store',
  watermark: { policy: 'min', delayMs: 5, partitions: tps },
  shards: 3,
  operator: idsOperator(tumbling),
})

export function protocolOnStore(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`the protocol on ${name}`, () => {
    let under: StoreUnderTest
    beforeAll(async () => {
      under = await start()
    }, 60_000)
    afterAll(() => under.stop())

    test('partitions in parallel, every batch twice, segments and snapshots give each row once, each window once', async () => {
      const log = { maxTailBytes: 40, maxSegments: 2, slackBytes: 0, compactionsPerSweep: 1, sleep: pause }
      const drivers = tps.flatMap(() => [0, 1].map(() => aDriver(query, aContainer(under.store, log))))
      const work = async (tp: string, index: number): Promise<void> => {
        for (let from = 0; from < perPartition; from += 6) {
          const ranges: Ranges = new Map([[tp, [from, from + 6]]])
          for (const driver of drivers.slice(2 * index, 2 * index + 2)) await driver.run(batchOf(topic, ranges))
        }
      }
      await Promise.all(tps.map(work))

      expect(drivers.flatMap(({ late }) => late)).toEqual([])
      const all = [...topic.values()].flat().map(({ tp, offset }) => `${tp}:${offset}`)
      const contents = new Map<string, Set<string>>()
      for (const { id, acc } of drivers.flatMap(({ outputs }) => outputs.flatMap(({ rows }) => rows)))
        contents.set(id, (contents.get(id) ?? new Set()).add(acc))
      expect([...contents.values()].every((accs) => accs.size === 1)).toBe(true)
      const emitted = [...contents.values()].flatMap(([acc]) => rowsOf(acc ?? null))
      const closed = all.filter((row) => !row.endsWith(`:${perPartition - 1}`))
      expect(emitted.toSorted()).toEqual(closed.toSorted())
    }, 60_000)
  })
}

const pause = async (ms: number): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, ms))
}
