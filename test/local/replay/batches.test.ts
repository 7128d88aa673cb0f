// Batches as the mapping would cut them, over the records' own clock: the same from the same records, however they come in.
import { fc, test as propertyTest } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import type { KafkaRow } from '../../../lib/event/kafka-row.ts'
import { parseKafkaEvent } from '../../../lib/event/parse.ts'
import type { Flow } from '../../../local/kafka/range-reading.ts'
import { batchCutter } from '../../../local/replay/batch-cutter.ts'
import { mergedRecords } from '../../../local/replay/merged-records.ts'
import { parseRebatch, rebatched } from '../../../local/replay/rebatched.ts'
import type { ReplayedBatch } from '../../../local/replay/replayed-batch.ts'
import { parseSelection, selected } from '../../../local/replay/selection.ts'
import { topicBatches } from '../../../local/replay/topic-batches.ts'
import { aRow, someSettings } from '../../mapping/builders.ts'

const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const
const at = 1_767_623_400_000
const rowAt = (partition: number, offset: number, ms: number): KafkaRow =>
  aRow({ partition, offset, timestamp: at + ms })
const cutterOf = (maxRecords: number, windowMs: number) =>
  batchCutter({ topic: 'stock-ticks', origin, maxRecords, windowMs })

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const value of values) found.push(value)
  return found
}

const placesIn = (batch: ReplayedBatch): string[] =>
  parseKafkaEvent(batch.event).rows.map(({ partition, offset }) => `${partition}:${offset}`)

/** Records that two partitions have, at the times that are given. */
const partitionsAt = (...times: readonly (readonly number[])[]): KafkaRow[][] =>
  times.map((list, partition) => list.map((ms, offset) => rowAt(partition, offset, ms)))

/** A reader that hands the partitions out in pieces, in the order of `turns`, and holds back those that are paused. */
function readerOf(partitions: readonly (readonly KafkaRow[])[], turns: readonly number[], piece: number) {
  return {
    async read(
      _ranges: unknown,
      onRecords: (rows: readonly KafkaRow[], flow: Flow) => unknown,
      { onEnd = (_partition: number) => {} } = {},
    ) {
      const left = partitions.map((rows) => [...rows])
      const paused = new Set<number>()
      const flow: Flow = { pause: (it) => void paused.add(it), resume: (it) => void paused.delete(it) }
      for (let turn = 0; left.some((rows) => rows.length > 0); turn += 1) {
        const partition = (turns[turn % turns.length] ?? turn) % left.length
        const other = left.findIndex((rows, index) => rows.length > 0 && !paused.has(index))
        const chosen = (left[partition]?.length ?? 0) > 0 && !paused.has(partition) ? partition : other
        await new Promise((resolve) => setImmediate(resolve))
        const rows = left[chosen]?.splice(0, piece) ?? []
        if (rows.length === 0) continue
        await onRecords(rows, flow)
        if (left[chosen]?.length === 0) onEnd(chosen)
      }
    },
  }
}

const rangesFor = (partitions: readonly (readonly KafkaRow[])[]) =>
  partitions.map((rows, partition) => ({ partition, from: 0, to: rows.length }))

describe('cutting', () => {
  test('a batch closes by its size, or when its window ends, over the clock of the records', () => {
    const cutter = cutterOf(3, 1_000)
    const cuts = [0, 100, 200, 300, 900, 5_000].flatMap((ms, offset) => [...cutter.add(rowAt(0, offset, ms), at + ms)])
    cuts.push(...cutter.end())
    expect(
      cuts.map(({ rows, reason, closedAtMs }) => [rows.map(({ offset }) => offset), reason, closedAtMs - at]),
    ).toEqual([
      [[0, 1, 2], 'size', 200],
      [[3, 4], 'window', 1_300],
      [[5], 'window', 6_000],
    ])
  })

  test('a record that no event can hold is counted, and the others go on', () => {
    const cutter = cutterOf(10, 0)
    const large = aRow({ offset: 0, value: Buffer.alloc(7_000_000) })
    expect(cutter.add(large, at)).toEqual([])
    expect(cutter.add(rowAt(0, 1, 0), at).map(({ rows }) => rows.length)).toEqual([1])
    expect(cutter.numTooLarge).toBe(1)
  })
})

describe('a range of a topic', () => {
  const settings = someSettings({ batchSize: 4, windowMs: 50 })
  const cut = (partitions: readonly (readonly KafkaRow[])[], turns: readonly number[], piece: number) =>
    all(
      topicBatches({
        ...{ reader: readerOf(partitions, turns, piece), ranges: rangesFor(partitions), settings },
        brokers: ['localhost:9092'],
      }).batches(),
    )

  propertyTest.prop([
    fc.array(fc.array(fc.nat(300), { maxLength: 30 }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat(2), { minLength: 1, maxLength: 10 }),
    fc.integer({ min: 1, max: 12 }),
  ])(
    'gives the same batches however Kafka hands it out, each record once and in order',
    async (times, turns, piece) => {
      const partitions = partitionsAt(...times)
      const batches = await cut(partitions, turns, piece)
      expect(batches.map(placesIn)).toEqual((await cut(partitions, [0], 1_000)).map(placesIn))
      for (const [partition, rows] of partitions.entries()) {
        const offsets = batches.flatMap((batch) =>
          parseKafkaEvent(batch.event).rows.flatMap((row) => (row.partition === partition ? [row.offset] : [])),
        )
        expect(offsets).toEqual(rows.map(({ offset }) => offset))
      }
    },
  )

  test.each([100, 1_000, 9_000])('a partition that is far ahead waits for the others, fetched by %i', async (piece) => {
    const many = Array.from({ length: 20_000 }, (_, index) => index)
    const partitions = partitionsAt(many, many.slice(0, 12_000), [19_999])
    let most = 0
    const count = (pause: () => void) => {
      most += 1
      pause()
    }
    const reader = readerOf(partitions, [0, 1], piece)
    const counting: typeof reader = {
      read: (ranges, onRecords, options) =>
        reader.read(
          ranges,
          (rows, flow) => onRecords(rows, { ...flow, pause: (it) => count(() => flow.pause(it)) }),
          options,
        ),
    }
    expect(await all(mergedRecords(counting, rangesFor(partitions)))).toHaveLength(32_001)
    expect(most).toBeGreaterThan(0)
  })

  test('the filter of the mapping is the mapping’s own, and what it takes out is in no batch', async () => {
    const rows = ['{"a":1}', '{"a":2}'].map((value, offset) => aRow({ offset, value: Buffer.from(value) }))
    const filtered = { ...settings, filterPatterns: ['{"value":{"a":[2]}}'] }
    const source = topicBatches({
      ...{ reader: readerOf([rows], [0], 10), ranges: rangesFor([rows]), settings: filtered },
      brokers: ['localhost:9092'],
    })
    expect((await all(source.batches())).map(placesIn)).toEqual([['0:1']])
    expect(source.fraction()).toBe(1)
  })

  test('what Kafka refuses is thrown where it is read', async () => {
    const reader = { read: () => Promise.reject(new Error('gone')) }
    await expect(all(mergedRecords(reader, [{ partition: 0, from: 0, to: 5 }]))).rejects.toThrow('gone')
  })
})

/** Batches of a recording: each a list of records. */
async function* recorded(...batches: readonly (readonly KafkaRow[])[]): AsyncGenerator<ReplayedBatch> {
  for (const [index, rows] of batches.entries()) {
    const event = encodeKafkaEvent(origin, rows)
    yield { functionKey: 'bars', atMs: at + index * 1_000, where: `line ${index}`, event }
  }
}

describe('a recording in other batches', () => {
  propertyTest.prop([
    fc.array(fc.array(fc.nat(2), { minLength: 1, maxLength: 8 }), { maxLength: 12 }),
    fc.integer({ min: 1, max: 20 }),
    fc.nat(3_000),
  ])('has the same records, in the order of each partition', async (batches, maxRecords, windowMs) => {
    const offsets = [0, 0, 0]
    const rows = batches.map((list, second) =>
      list.toSorted().map((partition) => {
        const offset = offsets[partition] ?? 0
        offsets[partition] = offset + 1
        return rowAt(partition, offset, second * 700 + offset)
      }),
    )
    const before = (await all(recorded(...rows))).flatMap(placesIn)
    const cut = await all(rebatched(recorded(...rows), { maxRecords, windowMs }))
    const after = cut.flatMap(placesIn)
    for (const partition of ['0:', '1:', '2:']) {
      expect(after.filter((it) => it.startsWith(partition))).toEqual(before.filter((it) => it.startsWith(partition)))
    }
    for (const batch of cut) expect(placesIn(batch).length).toBeLessThanOrEqual(maxRecords)
  })

  test('a batch that was delivered twice counts once', async () => {
    const rows = [rowAt(0, 0, 0), rowAt(0, 1, 1)]
    const cut = await all(rebatched(recorded(rows, rows, [rowAt(0, 2, 2)]), { maxRecords: 10, windowMs: 60_000 }))
    expect(cut.map(placesIn)).toEqual([['0:0', '0:1', '0:2']])
  })

  test('its size and window are checked', () => {
    expect(parseRebatch('100,0.5')).toEqual({ maxRecords: 100, windowMs: 500 })
    for (const text of ['0,3', '100', '100,301', '10001,3', 'a,b'])
      expect(() => parseRebatch(text)).toThrow(/--rebatch takes SIZE,WINDOW/)
  })
})

describe('a selection', () => {
  const given = { only: [], functions: [], until: undefined }
  const source = () =>
    recorded(
      [rowAt(0, 0, 0), aRow({ partition: 1, offset: 0, key: Buffer.from('MSFT') })],
      [rowAt(2, 0, 1)],
      [aRow({ partition: 1, offset: 1, key: null })],
    )
  const places = async (more: Partial<Parameters<typeof parseSelection>[0]>) =>
    (await all(selected(source(), parseSelection({ ...given, ...more })))).map(placesIn)

  test('has the partitions, the keys and the functions that are named', async () => {
    expect(await places({ only: ['partition:1-2'] })).toEqual([['1:0'], ['2:0'], ['1:1']])
    expect(await places({ only: ['partition:0', 'partition:2'] })).toEqual([['0:0'], ['2:0']])
    expect(await places({ only: ['key:MSFT'] })).toEqual([['1:0']])
    expect(await places({ only: ['query:tape'] })).toEqual([])
    expect(await places({ functions: ['bars'], only: ['key:AAPL', 'partition:0-9'] })).toEqual([['0:0'], ['2:0']])
  })

  test('ends at a time, or after so many batches', async () => {
    expect(await places({ until: String(at + 1_000) })).toHaveLength(2)
    expect(await places({ until: 'batch:1' })).toEqual([['0:0', '1:0']])
  })

  test('says what it takes', () => {
    for (const only of ['partition:3-1', 'partition:a', 'offset:1', 'key:', 'bars'])
      expect(() => parseSelection({ ...given, only: [only] })).toThrow(/--only takes partition:0/)
    for (const until of ['latest', '0:12', 'yesterday', 'batch:0'])
      expect(() => parseSelection({ ...given, until })).toThrow(/--until takes a time/)
  })
})
