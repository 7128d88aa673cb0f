// The course of a replay: what is invoked, where it stands when it ends, and how a later run goes on.
import { PassThrough } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import { createPacer, parsePace } from '../../../local/replay/pace.ts'
import { progressLine, progressText } from '../../../local/replay/progress-line.ts'
import type { ReplayedBatch } from '../../../local/replay/replayed-batch.ts'
import { type ReplayRun, replay } from '../../../local/replay/run.ts'
import type { ReplayTarget } from '../../../local/replay/target.ts'
import { aRow } from '../../mapping/builders.ts'

const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const

async function* threeBatches(): AsyncGenerator<ReplayedBatch> {
  for (const index of [0, 1, 2]) {
    const event = encodeKafkaEvent(origin, [aRow({ offset: 2 * index }), aRow({ offset: 2 * index + 1 })])
    yield { functionKey: 'bars', atMs: index * 1_000, where: `line ${index + 1}`, event }
  }
}

/** A target that says what it was given, and fails where it is told to. */
function targetOf(failsAt?: string) {
  const invoked: string[] = []
  const restored: string[] = []
  const target: ReplayTarget = {
    name: 'here',
    invoke: async ({ where }) => {
      invoked.push(where)
      return where === failsAt
        ? { kind: 'failure', message: 'boom' }
        : { kind: 'success', returned: undefined, rows: [] }
    },
    restore: async ({ where }) => {
      restored.push(where)
      return undefined
    },
    queries: () => [],
    close: () => undefined,
  }
  return { target, invoked, restored }
}

const signal = new AbortController().signal
const input = new PassThrough()
const pacerOf = (pace: string, more: Partial<Parameters<typeof createPacer>[0]> = {}) =>
  createPacer({ pace: parsePace(pace), signal, input, say: () => undefined, ...more })

const run = (more: Partial<ReplayRun> & Pick<ReplayRun, 'target'>) =>
  replay({
    ...{ batches: threeBatches(), fraction: () => 0, pacer: pacerOf('max'), numDone: 0, onOutcome: () => undefined },
    progress: { update: () => undefined, clear: () => undefined },
    ...more,
  })

test('every batch is invoked once, in order', async () => {
  const { target, invoked } = targetOf()
  const end = await run({ target })
  expect(invoked).toEqual(['line 1', 'line 2', 'line 3'])
  expect(end).toEqual({ numBatches: 3, numRecords: 6, position: { numDone: 3, where: 'line 3' }, stopped: undefined })
})

test('it ends at the batch that fails, and a later run brings back what came before it and begins with that batch', async () => {
  const failing = targetOf('line 2')
  const outcomes: string[] = []
  const end = await run({ target: failing.target, onOutcome: (_batch, { kind }) => void outcomes.push(kind) })
  expect(end).toMatchObject({ numBatches: 1, position: { numDone: 1, where: 'line 1' }, stopped: { message: 'boom' } })
  expect(outcomes).toEqual(['success', 'failure'])
  const later = targetOf()
  expect(await run({ target: later.target, numDone: end.position.numDone })).toMatchObject({
    ...{ numBatches: 2, numRecords: 4, position: { numDone: 3 }, stopped: undefined },
  })
  expect([later.restored, later.invoked]).toEqual([['line 1'], ['line 2', 'line 3']])
})

describe('the pace', () => {
  test('is checked', () => {
    expect(parsePace('original')).toEqual({ kind: 'times', factor: 1 })
    expect(parsePace('0.5x')).toEqual({ kind: 'times', factor: 0.5 })
    for (const text of ['0x', 'fast', '-1x', '10']) expect(() => parsePace(text)).toThrow(/--pace takes original/)
  })

  test('of a factor waits so much less than it took', async () => {
    let nowMs = 50
    const wait = async (ms: number) => {
      nowMs += ms
    }
    const pacer = pacerOf('10x', { nowMs: () => nowMs, wait })
    const turns: number[] = []
    for (const atMs of [0, 1_000, 60_000]) {
      await pacer.turn(atMs, () => '')
      turns.push(nowMs - 50)
      nowMs += 30
    }
    expect(turns).toEqual([0, 100, 6_000])
  })

  test('by step begins a batch for each line, says which, and ends at q', async () => {
    const said: string[] = []
    const keys = new PassThrough()
    const pacer = pacerOf('step', { input: keys, say: (line) => void said.push(line) })
    keys.write('\n\nq\n')
    const { target, invoked } = targetOf()
    expect(await run({ target, pacer })).toMatchObject({ stopped: { kind: 'asked' }, position: { numDone: 2 } })
    expect(invoked).toEqual(['line 1', 'line 2'])
    expect(said[0]).toBe('next: bars, line 1: 2 records, stock-ticks 0:0-1 (Enter; q ends it)')
  })

  test('ends when it is asked to, after the batch in flight', async () => {
    const ending = new AbortController()
    const { target, invoked } = targetOf()
    const pacer = pacerOf('max', { signal: ending.signal })
    const end = await run({ target, pacer, onOutcome: () => ending.abort() })
    expect(end).toMatchObject({ stopped: { kind: 'asked' }, position: { numDone: 1, where: 'line 1' } })
    expect(invoked).toEqual(['line 1'])
  })
})

test('progress says the rate and an estimate of the rest', () => {
  const given = { numBatches: 1_200, numRecords: 12_000, fraction: 0.25, elapsedMs: 10_000 }
  expect(progressText(given)).toBe('1,200 batches, 12,000 records, 1,200/s, 25 %, about 30 s left')
  expect(progressText({ ...given, numBatches: 1, fraction: Number.NaN })).toBe('1 batch, 12,000 records, 1,200/s')
  expect(progressText({ ...given, fraction: 0.001 })).toMatch(/about 2\.8 h left$/)
})

test('on a terminal the line writes over itself and is taken off; elsewhere it is rare', () => {
  const written: string[] = []
  const write = (text: string) => written.push(text) > 0
  const clock = vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(300)
  const onTerminal = progressLine({ write, isTTY: true })
  onTerminal.update(1, 2, 0.5)
  onTerminal.clear()
  expect(written).toEqual([expect.stringMatching(/^\r.*1 batch, 2 records/), expect.stringMatching(/^\r/)])
  clock.mockRestore()
  progressLine({ write }).update(1, 2, 0.5)
  expect(written).toHaveLength(2)
})
