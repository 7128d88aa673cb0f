import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import { maxPayloadBytes } from '../../mapping/settings/limits.ts'
import { aMapping, memoryDestination, pass } from './a-mapping.ts'
import { aRow, offsetsOf, rowsFrom } from './builders.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const poison =
  (...bad: number[]) =>
  async (event: KafkaEvent) => {
    if (
      Object.values(offsetsOf(event))
        .flat()
        .some((offset) => bad.includes(offset))
    )
      throw new Error('poison')
    return undefined
  }
const answers = (batchItemFailures: unknown) => async () =>
  ({ kind: 'success', payload: JSON.stringify({ batchItemFailures }) }) as const
const failing = (partition: unknown, offset: unknown) => ({ itemIdentifier: { partition, offset } })

describe('local-mapping.md 4.1: on the defaults', () => {
  test('a failing batch is tried without end, with a backoff of 1 s doubling to 5 s', async () => {
    const times: number[] = []
    const { source, mapping } = aMapping({}, async () => {
      times.push(Math.round(performance.now()))
      throw new Error('boom')
    })
    source.join([0])
    source.hand(rowsFrom(0, [0, 1]))
    await pass(42_500)
    const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    expect(waits).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000, 5_000])
    expect(source.commits.size).toBe(0)
    await mapping.stop(AbortSignal.abort())
  })

  test("records that are no longer in Kafka's log are given up, the others of their batch are tried again", async () => {
    const { destination, said } = memoryDestination()
    const { source, offsets } = aMapping({}, poison(0, 2), { destination })
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    await pass(8_000)
    source.starts.set(0, 2)
    await pass(10_000)
    expect(said()).toEqual(['RecordAgeExceeded 0:0,0:1'])
    expect(offsets().at(-1)).toEqual([2])
    expect(source.commits.get(0)).toBe(2)
  })

  test('what a function returns is ignored', async () => {
    const { source, offsets } = aMapping({}, answers([failing('stock-ticks-0', 0)]))
    source.join([0])
    source.hand(rowsFrom(0, [0, 1]))
    await pass(10_000)
    expect(offsets()).toEqual([[0, 1]])
    expect(source.commits.get(0)).toBe(2)
  })
})

describe('local-mapping.md 4.2: MaximumRetryAttempts', () => {
  test('counts the tries after the first; then the batch is dropped, and reading goes on behind it', async () => {
    const { source, offsets, mapping, log } = aMapping({ maxRetries: 2, batchSize: 2 }, poison(1))
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    await pass(20_000)
    expect(offsets()).toEqual([[0, 1], [0, 1], [0, 1], [2]])
    expect(source.commits.get(0)).toBe(3)
    expect(mapping.metrics.sums()).toMatchObject({ DroppedEventCount: 2, CommittedEventCount: 3 })
    expect(log.lines.join('\n')).toContain('bars <- stock-ticks 0:0-1: dropped (RetryAttemptsExhausted)')
  })

  test('of 0 is one try', async () => {
    const { source, offsets } = aMapping({ maxRetries: 0 }, poison(0))
    source.join([0])
    source.hand(rowsFrom(0, [0]))
    await pass(20_000)
    expect(offsets()).toEqual([[0]])
    expect(source.commits.get(0)).toBe(1)
  })

  test.each(['throttled', 'unavailable'] as const)('%s is not counted, and waited out without limit', async (kind) => {
    let refusals = 12
    const { source, offsets, mapping } = aMapping({ maxRetries: 0 }, async () => {
      refusals -= 1
      return refusals >= 0 ? { kind, message: 'not now' } : undefined
    })
    source.join([0])
    source.hand(rowsFrom(0, [0]))
    await pass(400_000)
    expect(offsets()).toHaveLength(13)
    expect(source.commits.get(0)).toBe(1)
    expect(mapping.metrics.sums()).toMatchObject({ InvokeErrorCount: 12, DroppedEventCount: 0, InvokedEventCount: 1 })
  })
})

describe('local-mapping.md 4.2: MaximumRecordAgeInSeconds', () => {
  test('older records are discarded before they are sent, younger ones of the same batch are sent', async () => {
    const { destination, said } = memoryDestination()
    const { source, offsets } = aMapping({ maxRecordAgeMs: 60_000 }, async () => undefined, { destination })
    source.join([0])
    const now = Date.now()
    source.hand([
      aRow({ offset: 0, timestamp: now - 60_001 }),
      aRow({ offset: 1, timestamp: now - 60_000 }),
      aRow({ offset: 2, timestamp: now }),
    ])
    await pass(10)
    expect(offsets()).toEqual([[1, 2]])
    expect(said()).toEqual(['RecordAgeExceeded 0:0'])
    expect(source.commits.get(0)).toBe(3)
  })

  test('a batch that fails is tried until its records are too old', async () => {
    const { source, events, mapping } = aMapping({ maxRecordAgeMs: 60_000 }, poison(0))
    source.join([0])
    source.hand([aRow({ offset: 0, timestamp: Date.now() })])
    await pass(200_000)
    // At 0, 1, 3 and 7 s, and each 5 s up to 57 s; at 62 s it is over.
    expect(events).toHaveLength(14)
    expect(source.commits.get(0)).toBe(1)
    expect(mapping.metrics.sums().DroppedEventCount).toBe(1)
  })
})

describe('local-mapping.md 4.2: BisectBatchOnFunctionError', () => {
  test('halves in order until the bad record stands alone; splitting does not consume the retry quota', async () => {
    const { destination, said } = memoryDestination()
    const { source, offsets } = aMapping({ bisects: true, maxRetries: 1 }, poison(5), { destination })
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2, 3, 4, 5, 6, 7]))
    await pass(10_000)
    expect(offsets()).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3], [4, 5, 6, 7], [4, 5], [4], [5], [5], [6, 7]])
    expect(said()).toEqual(['RetryAttemptsExhausted 0:5'])
    expect(source.commits.get(0)).toBe(8)
  })

  test('blocks the partition until both halves are done, and commits what is below', async () => {
    const { source, offsets, mapping } = aMapping({ bisects: true, batchSize: 4 }, poison(2))
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2, 3, 4]))
    await pass(20_000)
    expect(new Set(offsets().flat())).toEqual(new Set([0, 1, 2, 3]))
    expect(offsets().at(-1)).toEqual([2])
    expect(source.commits.get(0)).toBe(2)
    await mapping.stop(AbortSignal.abort())
  })

  test('a half whose partitions are free does not wait for the other', async () => {
    const { source, events, mapping } = aMapping({ bisects: true, batchSize: 4, windowMs: 10 }, async (event) => {
      if ('stock-ticks-0' in event.records) throw new Error('poison')
      return undefined
    })
    source.join([0, 1])
    source.hand(rowsFrom(0, [0, 1]))
    source.hand(rowsFrom(1, [0, 1]))
    await pass(5)
    source.hand(rowsFrom(1, [2, 3]))
    await pass(100)
    expect(source.commits.get(1)).toBe(4)
    expect(events.map(offsetsOf).slice(0, 3)).toEqual([
      { 'stock-ticks-0': [0, 1], 'stock-ticks-1': [0, 1] },
      { 'stock-ticks-0': [0, 1] },
      { 'stock-ticks-1': [0, 1] },
    ])
    expect(source.commits.has(0)).toBe(false)
    await mapping.stop(AbortSignal.abort())
  })
})

describe('local-mapping.md 4.3: ReportBatchItemFailures', () => {
  const reports = { reportsItemFailures: true }

  test('only the named records are tried again; the commit stays below the lowest of them', async () => {
    let isFirst = true
    const { source, offsets, mapping } = aMapping(reports, async () => {
      const outcome = isFirst ? await answers([failing('stock-ticks-0', 3), failing('stock-ticks-0', 1)])() : undefined
      isFirst = false
      return outcome
    })
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2, 3, 4]))
    await pass(10)
    expect(source.commits.get(0)).toBe(1)
    await pass(2_000)
    expect(offsets()).toEqual([
      [0, 1, 2, 3, 4],
      [1, 3],
    ])
    expect(source.commits.get(0)).toBe(5)
    expect(mapping.metrics.sums()).toMatchObject({
      InvokedEventCount: 7,
      FailedInvokeEventCount: 2,
      InvokeErrorCount: 0,
    })
  })

  test('records of another partition go on while the named one waits', async () => {
    const { source, mapping } = aMapping({ ...reports, windowMs: 10 }, async (event) =>
      'stock-ticks-0' in event.records ? await answers([failing('stock-ticks-0', 0)])() : undefined,
    )
    source.join([0, 1])
    source.hand(rowsFrom(0, [0]))
    source.hand(rowsFrom(1, [0]))
    await pass(20)
    source.hand(rowsFrom(1, [1]))
    await pass(20)
    expect([...source.commits]).toEqual([[1, 2]])
    await mapping.stop(AbortSignal.abort())
  })

  test('a named record is discarded when its retries are used up', async () => {
    const { destination, said } = memoryDestination()
    const { source, offsets } = aMapping(
      { ...reports, maxRetries: 1 },
      async () => answers([failing('stock-ticks-0', 1)])(),
      { destination },
    )
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    await pass(10_000)
    expect(offsets()).toEqual([[0, 1, 2], [1]])
    expect(said()).toEqual(['RetryAttemptsExhausted 0:1'])
    expect(source.commits.get(0)).toBe(3)
  })

  test('an answer that names no record of the batch is a failure of the entire batch, which is not halved', async () => {
    const { source, offsets } = aMapping({ ...reports, maxRetries: 1, bisects: true }, async () =>
      answers([failing('stock-ticks-0', 99)])(),
    )
    source.join([0])
    source.hand(rowsFrom(0, [0, 1]))
    await pass(10_000)
    expect(offsets()).toEqual([
      [0, 1],
      [0, 1],
    ])
  })
})

describe('local-mapping.md 4.4, 4.5: an on-failure destination', () => {
  test('is told what AWS tells', async () => {
    const { destination, records } = memoryDestination()
    const { source } = aMapping({ maxRetries: 1, windowMs: 5 }, poison(0), { destination })
    source.join([0, 1])
    source.hand(rowsFrom(0, [0]))
    source.hand(rowsFrom(1, [4, 5]))
    await pass(10_000)
    const [record] = records()
    expect(record).toMatchObject({
      requestContext: {
        functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      KafkaBatchInfo: {
        batchSize: 3,
        bootstrapServers: 'localhost:9092',
        recordsInfo: {
          'stock-ticks-0': { firstRecordOffset: '0', lastRecordOffset: '0' },
          'stock-ticks-1': { firstRecordOffset: '4', lastRecordOffset: '5' },
        },
      },
    })
  })

  test('gets a record too large for any payload, in its turn, with no response', async () => {
    const { destination, records } = memoryDestination()
    const { source, offsets, mapping } = aMapping({ onFailure: undefined }, async () => undefined, { destination })
    source.join([0])
    const tooLarge = aRow({ offset: 1, value: Buffer.alloc((maxPayloadBytes * 3) / 4) })
    source.hand([aRow({ offset: 0 }), tooLarge, aRow({ offset: 2 })])
    await pass(10)
    expect(offsets()).toEqual([[0, 2]])
    expect(records()).toMatchObject([
      { requestContext: { condition: 'MaximumPayloadSizeExceeded' }, responseContext: null },
    ])
    expect(source.commits.get(0)).toBe(3)
    expect(mapping.metrics.sums()).toMatchObject({ OnFailureDestinationDeliveredEventCount: 1, DroppedEventCount: 0 })
  })

  test('that does not take it: the records are dropped, and counted so', async () => {
    const { destination, fail } = memoryDestination()
    fail(new Error('no such queue'))
    const { source, mapping, log } = aMapping({ maxRetries: 0 }, poison(0), { destination })
    source.join([0])
    source.hand(rowsFrom(0, [0, 1]))
    await pass(10)
    expect(mapping.metrics.sums()).toMatchObject({
      OnFailureDestinationDeliveryErrorCount: 1,
      DestinationDeliveryFailures: 1,
      DroppedEventCount: 2,
      OnFailureDestinationDeliveredEventCount: 0,
    })
    expect(log.lines.join('\n')).toContain('the test did not take it: Error: no such queue')
    expect(source.commits.get(0)).toBe(2)
  })
})

test('stopping in the middle of retries of halves commits only what is below the first unhandled record', async () => {
  const { source, mapping } = aMapping({ bisects: true }, poison(2))
  source.join([0])
  source.hand(rowsFrom(0, [0, 1, 2, 3]))
  await pass(1_500)
  await mapping.stop(new AbortController().signal)
  expect(source.commits.get(0)).toBe(2)
})
