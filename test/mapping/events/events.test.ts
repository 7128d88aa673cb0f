import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { mappingChannel, onMappingEvent } from '../../../mapping/events/channel.ts'
import type { MappingEvent } from '../../../mapping/events/mapping-event.ts'
import { RecordList } from '../../../mapping/events/record-list.ts'
import type { InvokePayload } from '../../../mapping/invoke/invoker.ts'
import { aMapping, pass } from '../a-mapping.ts'
import { offsetsOf, rowsFrom } from '../builders.ts'

const heard: MappingEvent[] = []
let end = () => {}
beforeEach(() => {
  vi.useFakeTimers()
  heard.length = 0
  end = onMappingEvent((event) => heard.push(event))
})
afterEach(() => {
  end()
  vi.useRealTimers()
})

const kinds = () => heard.map(({ kind }) => kind)
const ofKind = <K extends MappingEvent['kind']>(kind: K) =>
  heard.filter((event): event is Extract<MappingEvent, { readonly kind: K }> => event.kind === kind)

test('a batch that fails, is retried and commits says so event by event', async () => {
  let failures = 1
  const { source, mapping } = aMapping({}, async () => {
    failures -= 1
    if (failures >= 0) throw new Error('boom')
    return undefined
  })
  source.join([0])
  source.hand(rowsFrom(0, [0, 1]), 2)
  await pass(1_000)
  await mapping.stop(new AbortController().signal)

  expect(kinds()).toEqual([
    ...['assigned', 'rebalanced', 'polled'],
    ...['batchClosed', 'invocationStarted', 'invocationFailed'],
    ...['invocationStarted', 'invocationSucceeded', 'handled', 'committed'],
    'stopped',
  ])
  expect(ofKind('batchClosed')[0]).toMatchObject({ reason: 'window', filteredOut: 0, waitedMs: 0 })
  expect(ofKind('batchClosed')[0]?.records.spans).toEqual([{ partition: 0, first: 0, last: 1, count: 2 }])
  expect(ofKind('invocationStarted').map(({ attempt }) => attempt)).toEqual([1, 2])
  const [failed] = ofKind('invocationFailed')
  expect(failed).toMatchObject({ failure: 'functionError', failedCount: 2, discardedCount: 0, isStopping: false })
  expect(failed?.message).toContain('boom')
  expect(failed?.retries.map(({ records, delayMs }) => [records.count, delayMs])).toEqual([[2, 1_000]])
  expect(offsetsOf(ofKind('handled')[0]?.payload.event ?? never())).toEqual({ 'stock-ticks-0': [0, 1] })
  expect(ofKind('committed')[0]?.partitions).toEqual([{ partition: 0, offset: 2, count: 2, lag: 0 }])
  expect(heard.every(({ mapping: { functionKey, topic } }) => functionKey === 'bars' && topic === 'stock-ticks')).toBe(
    true,
  )
})

const never = (): never => {
  throw new Error('there is no such event')
}

test('a rebalance names what is assigned and what was revoked', async () => {
  const { source } = aMapping({}, () => undefined)
  source.join([0, 1])
  source.join([1])
  expect(ofKind('rebalanced').map(({ assigned, revoked }) => ({ assigned, revoked }))).toEqual([
    { assigned: [0, 1], revoked: [] },
    { assigned: [1], revoked: [0] },
  ])
})

test('a throttled invocation waits, and records without a retry are discarded', async () => {
  const outcomes = [{ kind: 'throttled', message: 'slowly' }] as const
  let call = 0
  const { source } = aMapping({ maxRetries: 0 }, async () => {
    const outcome = outcomes[call++]
    if (outcome === undefined) throw new Error('boom')
    return outcome
  })
  source.join([0])
  source.hand(rowsFrom(0, [0]))
  await pass(1_000)
  expect(ofKind('invocationFailed').map(({ failure, discardedCount }) => [failure, discardedCount])).toEqual([
    ['throttled', 0],
    ['functionError', 1],
  ])
  expect(ofKind('discarded')[0]).toMatchObject({
    condition: 'RetryAttemptsExhausted',
    destination: undefined,
    droppedCount: 1,
  })
})

describe('what nobody asks for is not made', () => {
  test("the payload of an event is the invocation's own, and its event is built when it is read", async () => {
    const payloads: InvokePayload[] = []
    const stop = onMappingEvent((event) => {
      if (event.kind === 'invocationStarted') payloads.push(event.payload)
    })
    const { source } = aMapping({}, () => undefined)
    source.join([0])
    source.hand(rowsFrom(0, [0]))
    await pass(0)
    stop()
    expect(Object.keys(payloads[0] ?? {})).toEqual(['recordCount'])
    expect(payloads[0]?.event).toBe(payloads[0]?.event)
  })

  test('the spans of records are gone through once, and only when they are read', () => {
    let reads = 0
    const record = {
      offset: 3,
      get partition() {
        reads += 1
        return 0
      },
    }
    const list = new RecordList([record])
    expect([list.count, reads]).toEqual([1, 0])
    expect(list.spans).toEqual([{ partition: 0, first: 3, last: 3, count: 1 }])
    expect(list.spans).toBe(list.spans)
    expect(reads).toBe(1)
  })
})

test('the channel is one of node:diagnostics_channel, by its name', () => {
  const messages: unknown[] = []
  const listener = (message: unknown): void => void messages.push(message)
  subscribe(mappingChannel, listener)
  const { source } = aMapping({}, () => undefined)
  source.join([0])
  unsubscribe(mappingChannel, listener)
  expect(messages).toMatchObject([{ kind: 'assigned' }, { kind: 'rebalanced' }])
})

/** Every kind, by the compiler: one that is added is missing here. */
const allKinds: Readonly<Record<MappingEvent['kind'], true>> = {
  ...{
    kafkaUnreachable: true,
    kafkaReachable: true,
    topicMissing: true,
    topicFound: true,
    destinationMissing: true,
    brokerRefused: true,
  },
  ...{
    readFailed: true,
    readResumed: true,
    registryFailed: true,
    registryAnswered: true,
    polled: true,
    rewound: true,
    assigned: true,
    rebalanced: true,
    groupShared: true,
  },
  ...{ batchClosed: true, invocationStarted: true, invocationSucceeded: true, invocationFailed: true, handled: true },
  ...{
    recordTooLarge: true,
    recordBatchTooLarge: true,
    recordRefused: true,
    expired: true,
    discarded: true,
    committed: true,
    commitFailed: true,
  },
  ...{ logStartsUnknown: true, defect: true, stopped: true, ...{ paused: true, resumed: true, faultInjected: true } },
}

test('the README names every kind of event', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../mapping/README.md'), 'utf8')
  expect(Object.keys(allKinds).filter((kind) => !readme.includes(`\`${kind}\``))).toEqual([])
})
