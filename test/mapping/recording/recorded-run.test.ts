// A recording that a mapping made while it ran, with attempts that failed among it: what its query emitted live is what a replay of the
// file gives.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readSettings } from '../../../handlers/config.ts'
import { bars } from '../../../handlers/queries.ts'
import { consoleSink, kafkaHandler, memoryDeadLetters, memoryState } from '../../../lib/index.ts'
import { expectReplay } from '../../../lib/testing/index.ts'
import { onMappingEvent } from '../../../mapping/events/channel.ts'
import { recordInvocations } from '../../../mapping/recording/invocations.ts'
import { openRecording, readRecording } from '../../../mapping/recording/recording.ts'
import { aTick, openingBellMs } from '../../builders.ts'
import { aMapping, pass } from '../a-mapping.ts'
import { aRow, memoryLog } from '../builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'microbatch-run-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(
  () => void vi.useFakeTimers({ now: openingBellMs, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }),
)
afterEach(() => void vi.useRealTimers())

/** Ticks of two symbols, one a second each. */
const ticks = Array.from({ length: 40 }, (_, offset) => {
  const timestamp = openingBellMs + Math.floor(offset / 2) * 1000
  const value = aTick({ symbol: offset % 2 === 0 ? 'AAPL' : 'MSFT', price: 100 + offset, timestamp })
  return aRow({ offset, timestamp, value: Buffer.from(JSON.stringify(value)) })
})

test('a run is recorded, its failed attempts too, and replays to the rows that it emitted', async () => {
  const printed: string[] = []
  const query = bars('stock-ticks', readSettings({}))
  const live = { ...query, sinks: [consoleSink({ truncate: false, write: (text) => void printed.push(text) })] }
  const handle = kafkaHandler(live, { state: memoryState(), deadLetters: memoryDeadLetters(), partitions: 1 })
  const file = join(folder, 'run.ndjson.zst')
  const recording = await openRecording(file, { source: 'mapping', code: null, mappings: [] })
  let attempts = 0
  const { mapping, source } = aMapping({ batchSize: 7 }, async (event) => {
    attempts += 1
    if (attempts === 3) throw new Error('once')
    return { kind: 'success', payload: JSON.stringify(await handle(event)) }
  })
  const end = onMappingEvent(recordInvocations(recording, 'it', memoryLog()))
  source.join([0])
  source.hand(ticks)
  await pass(60_000)
  await mapping.stop(AbortSignal.abort())
  end()
  await recording.close()

  const outcomes: string[] = []
  for await (const { outcome, attempt, reason, returned } of readRecording(file)) {
    outcomes.push(`${outcome} ${attempt} ${reason}`)
    if (outcome === 'success') expect(returned).toMatchObject({ name: 'bars', numInputRows: expect.any(Number) })
  }
  expect(outcomes.filter((outcome) => outcome.startsWith('failure'))).toEqual(['failure 1 size'])
  expect(outcomes).toContain('success 2 size')
  const twice = [await expectReplay(file, query).rows(), await expectReplay(file, query).rows()]
  expect(twice[1]).toEqual(twice[0])
  const last = new Map(
    [...printed.join('\n').matchAll(/^\|(\{[^}]+\})\|(\w+) *\|(\d+) /gm)].map(([, window, symbol, count]) => [
      `${window} ${symbol}`,
      Number(count),
    ]),
  )
  expect(twice[0]).toHaveLength(last.size)
  expect((twice[0] ?? []).reduce((sum, row) => sum + Number(row.ticks), 0)).toBe(ticks.length)
  expect([...last.values()].reduce((sum, count) => sum + count, 0)).toBe(ticks.length)
})
