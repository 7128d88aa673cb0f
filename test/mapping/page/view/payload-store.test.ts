import { describe, expect, test } from 'vitest'
import { EventPayload } from '../../../../mapping/batch/event-payload.ts'
import { payloadStore } from '../../../../mapping/page/view/payload-store.ts'
import { aRow } from '../../builders.ts'

const origin = { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' } as const
const payloadOf = (...offsets: readonly number[]) =>
  new EventPayload(
    origin,
    offsets.map((offset) =>
      aRow({ offset, value: Buffer.from(`value ${offset} "}{`), headers: [{ key: '}"{', value: Buffer.from('x') }] }),
    ),
  )
const size = payloadOf(0).bytes.length

describe('payloads', () => {
  test('are kept up to a number of bytes, the last ones', () => {
    const dropped: number[] = []
    const store = payloadStore((batch) => dropped.push(batch), {
      maxBytes: size * 2,
      burstBytes: 1e9,
      maxBytesPerSecond: 1e9,
    })
    for (const batch of [1, 2, 3]) expect(store.keep(batch, payloadOf(batch), size, 0)).toBe(true)
    expect(dropped).toEqual([1])
    expect([1, 2, 3].map((batch) => store.get(batch)?.recordCount)).toEqual([undefined, 1, 1])
  })

  test('are copied at a bounded rate: what comes faster says why it is not kept', () => {
    const store = payloadStore(() => undefined, { maxBytes: 1e9, burstBytes: size, maxBytesPerSecond: size })
    expect(store.keep(1, payloadOf(1), size, 0)).toBe(true)
    expect(store.keep(2, payloadOf(2), size, 10)).toMatch(/faster/)
    expect(store.keep(3, payloadOf(3), size, 1_100)).toBe(true)
  })

  test('give a record by its place, with its own bytes', () => {
    const store = payloadStore(() => undefined)
    store.keep(1, payloadOf(14, 15, 150), 1, 1_000)
    const record = store.record('stock-ticks', 0, 15)
    expect(Buffer.from(record?.value ?? '', 'base64').toString()).toBe('value 15 "}{')
    expect(Buffer.from(record?.key ?? '', 'base64').toString()).toBe('AAPL')
    expect(store.record('stock-ticks', 0, 1)).toBeNull()
    expect(store.record('stock-ticks', 1, 15)).toBeNull()
  })

  test('give the beginning of a long value, and say what is left out', () => {
    const store = payloadStore(() => undefined)
    store.keep(1, new EventPayload(origin, [aRow({ offset: 5, value: Buffer.alloc(100_000, 'x') })]), 1, 1_000)
    expect(store.record('stock-ticks', 0, 5)).toMatchObject({ cutBytes: 100_000 - 65_536 })
  })
})
