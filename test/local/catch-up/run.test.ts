// Folding that is ended, or killed, and gone on with: the state is the one of a single run.
import { type KafkaRow, memoryState } from 'microbatch'
import { archiveLines, movedState, readKeptState, readProgress } from 'microbatch/state'
import { expect, test } from 'vitest'
import { type FoldOptions, foldRanges } from '../../../local/catch-up/run.ts'
import { someSettings } from '../../mapping/builders.ts'
import { batchesOf, movingQueries, partitions, recordsOfBatch } from '../../state/archive/moving-queries.ts'

const query = movingQueries['windows, update']
if (query === undefined) throw new Error('a query')
const symbols = Array.from({ length: 50 }, (_, i) => `S${i}`)
/** More than two batches. */
const records: readonly KafkaRow[] = batchesOf(
  Array.from({ length: 500 }, (_, second) =>
    symbols.map((symbol, i) => ({ second, symbol, partition: i % partitions })),
  ),
).flatMap(recordsOfBatch)
const perPartition = records.length / partitions
const settings = someSettings({ topic: 't', filterPatterns: [] })

function options(change: Partial<FoldOptions> = {}): FoldOptions {
  const signal = new AbortController().signal
  return {
    version: {
      functionKey: 'bars2',
      query: query?.('bars2') as never,
      keepsState: true,
      mapping: settings,
      spread: undefined,
    },
    reader: {
      async read(ranges, onRecords) {
        const flow = { pause: () => undefined, resume: () => undefined }
        for (const { partition, from, to } of ranges) {
          const own = records.filter((row) => row.partition === partition && row.offset >= from && row.offset < to)
          for (let at = 0; at < own.length; at += 500) await onRecords(own.slice(at, at + 500), flow)
        }
      },
    },
    brokers: ['localhost:9092'],
    ranges: [0, 1].map((partition) => ({ partition, from: 0, to: perPartition })),
    state: memoryState(),
    partitions,
    shards: 1,
    closeUpToMs: null,
    progress: { update: () => undefined, clear: () => undefined },
    signal,
    ...change,
  }
}

async function groupsIn(state: FoldOptions['state']): Promise<readonly string[]> {
  const kept = await readKeptState(state, 'bars2')
  if (kept === undefined) return []
  return [...archiveLines(movedState(kept, 0))]
    .filter((line) => line.startsWith('{"end":') && line.includes('"key"'))
    .map((line) => line.replace(/,"version":.*/, ''))
    .toSorted()
}

test('what was ended behind a batch goes on where its state stands', async () => {
  const whole = options()
  expect(await foldRanges(whole)).toEqual({ numBatches: 3, numRecords: records.length, numBad: 0, isWhole: true })
  const ending = new AbortController()
  const state = memoryState()
  const progress = { update: () => ending.abort(), clear: () => undefined }
  const first = await foldRanges(options({ state, progress, signal: ending.signal }))
  expect(first).toEqual({ numBatches: 1, numRecords: 10_000, numBad: 0, isWhole: false })
  const next = (await readProgress(state, 'bars2'))?.next
  const ranges = [0, 1].map((partition) => ({ partition, from: next?.get(`t-${partition}`) ?? 0, to: perPartition }))
  const second = await foldRanges(options({ state, ranges }))
  expect(second).toMatchObject({ numRecords: records.length - 10_000, isWhole: true })
  expect(await groupsIn(state)).toEqual(await groupsIn(whole.state))
})

test('what was killed within a batch is folded once', async () => {
  const whole = options()
  await foldRanges(whole)
  const state = memoryState()
  let callsLeft = Number.POSITIVE_INFINITY
  const or = <T>(work: () => Promise<T>): Promise<T> => {
    callsLeft -= 1
    return callsLeft < 0 ? Promise.reject(new Error('killed')) : work()
  }
  const dying: typeof state = {
    ...state,
    get: (key) => or(() => state.get(key)),
    put: (item, rev) => or(() => state.put(item, rev)),
    exchange: (added, removed) => or(() => state.exchange(added, removed)),
  }
  // The second batch reads the progress, and appends.
  const dies = () => {
    callsLeft = 3
  }
  await expect(
    foldRanges(options({ state: dying, progress: { update: dies, clear: () => undefined } })),
  ).rejects.toThrow('killed')
  const next = (await readProgress(state, 'bars2'))?.next
  expect(next?.get('t-0')).toBe(5_000)
  await foldRanges(options({ state }))
  expect(await groupsIn(state)).toEqual(await groupsIn(whole.state))
})
