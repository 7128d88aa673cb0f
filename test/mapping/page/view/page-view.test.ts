// The page's view of a mapping in memory, fed by its real events.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { onMappingEvent } from '../../../../mapping/events/channel.ts'
import type { InvokeOutcome } from '../../../../mapping/invoke/invoker.ts'
import type { MappingOptions } from '../../../../mapping/mapping.ts'
import { pageView } from '../../../../mapping/page/view/page-view.ts'
import type { MappingSettings } from '../../../../mapping/settings/settings.ts'
import { aMapping, memoryDestination, pass } from '../../a-mapping.ts'
import { eventsInto, memoryLog, rowsFrom, someSettings } from '../../builders.ts'

beforeEach(() => void vi.useFakeTimers())
const endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings.splice(0)) end()
  vi.useRealTimers()
})

/** A mapping whose function answers what `outcomes` says, one after the other, and with success after them. */
function aView(
  outcomes: readonly InvokeOutcome[] = [],
  settings: Partial<MappingSettings> = {},
  more: Partial<MappingOptions> = {},
) {
  const left = [...outcomes]
  const given = someSettings({ windowMs: 0, batchSize: 100, ...settings })
  const events = eventsInto(memoryLog(), given)
  const { mapping, source } = aMapping(given, async () => left.shift(), { settings: given, events, ...more })
  const view = pageView(
    'demo-dev',
    [
      {
        ...{ identity: given, settings: given, metrics: mapping.metrics, faults: () => [] },
        lags: () => mapping.lags(),
        isPaused: () => mapping.isPaused,
      },
    ],
    Date.now,
  )
  endings.push(onMappingEvent(view.event, given))
  const only = () => {
    const [summary] = view.state().mappings
    if (summary === undefined) throw new Error('no mapping')
    return summary
  }
  return { mapping, source, view, only, batches: () => view.state().batches }
}

const boom = { kind: 'functionError', errorType: 'Error', message: 'boom' } as const

describe('a mapping', () => {
  test('is starting, runs with its records, and is idle after them', async () => {
    const { source, only, view } = aView()
    expect(only().status).toMatchObject({ kind: 'starting' })
    source.join([0])
    expect(only().status).toEqual({ kind: 'idle', text: 'No records yet.' })
    source.hand(rowsFrom(0, [0, 1, 2]))
    await pass(100)
    expect(only().status.kind).toBe('running')
    view.tick()
    expect(only()).toMatchObject({
      inputRate: 3,
      processedRate: 3,
      partitions: [{ partition: 0, lag: 0, committed: 3 }],
    })
    await pass(11_000)
    expect(only().status).toEqual({ kind: 'idle', text: 'No new records.' })
  })

  test('is paused, and stopped', async () => {
    const { source, mapping, only } = aView()
    source.join([0])
    mapping.pause()
    expect(only().status.kind).toBe('paused')
    mapping.resume()
    await mapping.stop(AbortSignal.abort())
    expect(only().status.kind).toBe('stopped')
  })

  test('fails with the error of its function until the batch is through', async () => {
    const { source, only, batches } = aView([boom, { kind: 'throttled', message: 'Rate Exceeded.' }])
    source.join([0])
    source.hand(rowsFrom(0, [5, 6]))
    await pass(10)
    expect(only().status).toEqual({ kind: 'failing', text: 'the function failed: Error: boom' })
    const [failed] = batches()
    expect(failed).toMatchObject({ outcome: 'retrying', records: 2, reason: 'window', retries: [{ records: 2 }] })
    expect(failed?.retries[0]?.dueAtMs).toBeGreaterThanOrEqual(Date.now())

    await pass(60_000)
    expect(only().status.kind).not.toBe('failing')
    expect(batches()).toHaveLength(1)
    expect(batches()[0]).toMatchObject({
      outcome: 'ok',
      retries: [],
      spans: [{ partition: 0, first: 5, last: 6, count: 2 }],
    })
    expect(batches()[0]?.attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'functionError'],
      [2, 'throttled'],
      [3, 'ok'],
    ])
  })

  test('says what holds it up: Kafka, its topic, its registry', () => {
    const { view, only, source } = aView()
    source.join([0])
    const { identity: mapping } = view.mappings[0]?.shown ?? expect.unreachable()
    view.event({ mapping, kind: 'kafkaUnreachable', brokers: ['localhost:9092'] })
    expect(only().status).toEqual({ kind: 'waiting', text: 'Kafka at localhost:9092 does not answer.' })
    view.event({ mapping, kind: 'registryFailed', message: 'no answer' })
    view.event({ mapping, kind: 'kafkaReachable', brokers: ['localhost:9092'] })
    expect(only().status.text).toBe('no answer')
    view.event({ mapping, kind: 'registryAnswered' })
    expect(only().status.kind).toBe('idle')
  })
})

describe('a batch', () => {
  test('that is halved is one batch, and its halves are its attempts', async () => {
    const { source, batches } = aView([boom], { bisects: true })
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2, 3]))
    await pass(60_000)
    expect(batches()).toHaveLength(1)
    expect(batches()[0]).toMatchObject({ outcome: 'ok', retries: [] })
    expect(batches()[0]?.attempts.map(({ records }) => records)).toEqual([4, 2, 2])
  })

  test('that is given up says so, and stands among what was set aside', async () => {
    const { destination } = memoryDestination()
    const { source, batches, view, only } = aView([boom, boom], { maxRetries: 1 }, { destination })
    source.join([0, 1])
    source.hand(rowsFrom(1, [7, 8]))
    await pass(60_000)
    expect(batches()[0]).toMatchObject({ outcome: 'gone', discarded: 2, retries: [] })
    expect(only().status.kind).not.toBe('failing')
    expect(view.state().letters).toMatchObject([
      {
        kind: 'discarded',
        reason: 'RetryAttemptsExhausted',
        place: 'stock-ticks-1 offsets 7 to 8',
        detail: 'Sent to the test.',
      },
    ])
  })

  test('whose partition was revoked is no trouble of this mapping any more', async () => {
    const { source, batches, only } = aView(Array.from({ length: 20 }, () => boom))
    source.join([0])
    source.hand(rowsFrom(0, [0]))
    await pass(10)
    expect(only().status.kind).toBe('failing')
    source.join([1])
    await pass(60_000)
    expect(only().status.kind).not.toBe('failing')
    expect(batches()[0]).toMatchObject({ outcome: 'gone', retries: [] })
  })

  test('is kept with its payload; of many the last ones are', async () => {
    const { source, view, batches } = aView()
    source.join([0])
    for (let offset = 0; offset < 210; offset += 1) {
      source.hand(rowsFrom(0, [offset]))
      await pass(5)
    }
    expect(batches()).toHaveLength(200)
    const last = batches().at(-1)
    expect(last?.payload).toBe(true)
    const kept = view.payload(last?.id ?? 0)
    expect(JSON.parse(String(kept?.bytes)).records['stock-ticks-0']).toMatchObject([{ offset: 209 }])
    expect(view.payload(1)).toBeUndefined()
  })
})

describe('what a function prints', () => {
  const letterLine = (offset: number) =>
    JSON.stringify({
      ...{ level: 'WARN', message: 'dead letter', reason: 'NOT_JSON', detail: 'at 0', query: 'bars' },
      ...{ topic: 'stock-ticks', partition: 0, offset },
    })

  test('is looked through for dead letters, whose bytes come from the payload', async () => {
    const { source, view } = aView()
    source.join([0])
    source.hand(rowsFrom(0, [3]))
    await pass(10)
    view.printed({
      functionKey: 'bars',
      output: {},
      lines: [letterLine(3), letterLine(99), '{"message":"dead letter"}', '{"dead letter"'],
    })
    view.printed({ functionKey: 'another', output: {}, lines: [letterLine(3)] })
    const { letters } = view.state()
    expect(letters.map(({ place }) => place)).toEqual(['stock-ticks-0 offset 3', 'stock-ticks-0 offset 99'])
    expect(Buffer.from(letters[0]?.record?.value ?? '', 'base64').toString()).toBe('{"price":150.5}')
    expect(letters[1]?.record).toBeNull()
  })

  test('and for tables, of which the last of each query stays', () => {
    const { view } = aView()
    const table = (batch: number) => [`Batch: ${batch} (bars)`, '+-+', '|a|', '+-+', '']
    view.printed({ functionKey: 'bars', output: {}, lines: [...table(7), ...table(8)] })
    expect(view.state().tables).toMatchObject([{ query: 'bars', batch: 8, text: '+-+\n|a|\n+-+' }])
  })
})

test('a change has what is new since the last one, and none where nothing is', async () => {
  const { source, view } = aView()
  view.change()
  expect(view.change()).toBeUndefined()
  source.join([0])
  source.hand(rowsFrom(0, [0]))
  await pass(10)
  view.tick()
  const change = view.change()
  expect(change?.batches).toHaveLength(1)
  expect(change?.points['0']).toHaveLength(1)
  view.tick()
  expect(view.change()?.batches).toHaveLength(0)
})
