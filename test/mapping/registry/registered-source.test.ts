import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { KafkaEvent } from '../../../lib/event/kafka-event.ts'
import type { SchemaRegistry } from '../../../lib/registry/schema-registry.ts'
import { compileFilters } from '../../../mapping/filter/filters.ts'
import { Mapping } from '../../../mapping/mapping.ts'
import { recordRegistry } from '../../../mapping/registry/record-registry.ts'
import { registeredSource } from '../../../mapping/registry/registered-source.ts'
import { memoryDestination, pass } from '../a-mapping.ts'
import { aRow, eventsInto, memoryInvoker, memoryLog, offsetsOf, someSettings } from '../builders.ts'
import { memorySource } from '../memory-source.ts'
import { avroValue, registry, settings } from './registry-records.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A mapping with a registry in front, which may be down. */
function aRegisteredMapping({
  format = 'JSON',
  filter,
}: {
  readonly format?: 'JSON' | 'SOURCE'
  readonly filter?: string
} = {}) {
  let isDown = false
  let asked = 0
  const flaky: SchemaRegistry = {
    ...registry,
    async schema(id) {
      asked += 1
      if (isDown) throw new Error('connection refused')
      return registry.schema(id)
    },
  }
  const schemaRegistry = settings(format, 'VALUE')
  const given = someSettings({ windowMs: 0, batchSize: 100, schemaRegistry })
  const [source, log, destination] = [memorySource(), memoryLog(), memoryDestination()]
  const invoker = memoryInvoker(() => undefined)
  const events = eventsInto(log, given)
  const mapping = new Mapping({
    ...{ settings: given, invoker, events, destination: destination.destination },
    origin: { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
    ...{ functionName: 'demo-dev-bars', functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars' },
    source: registeredSource(source, recordRegistry(schemaRegistry, flaky), events),
    filter: filter === undefined ? undefined : compileFilters([filter], 'filters'),
    nowMs: () => performance.now(),
    epochMs: () => Date.now(),
    random: () => 0,
  })
  mapping.start()
  return {
    ...{ mapping, source, log, destination, events: invoker.events },
    asked: () => asked,
    down: (is: boolean) => {
      isDown = is
    },
  }
}

const rows = (...offsets: readonly number[]) =>
  offsets.map((offset) => aRow({ offset, value: avroValue(`S${offset}`) }))
const offsets = (events: readonly KafkaEvent[]) => events.flatMap((event) => offsetsOf(event)['stock-ticks-0'] ?? [])

/** The libraries of a format are loaded by real promises, between ticks of the fake clock. */
async function settled(of: () => unknown, expected: unknown): Promise<void> {
  for (let i = 0; i < 200 && JSON.stringify(of()) !== JSON.stringify(expected); i += 1) {
    await pass(1)
    await vi.importActual('node:os')
  }
  expect(of()).toEqual(expected)
}

test('records come decoded, with their schema, and their offsets are committed', async () => {
  const { source, events } = aRegisteredMapping()
  source.join([0])
  source.hand(rows(0, 1))
  await settled(() => offsets(events), [0, 1])
  const [record] = events[0]?.records['stock-ticks-0'] ?? []
  expect(record).toMatchObject({ valueSchemaMetadata: { dataFormat: 'AVRO', schemaId: '1' } })
  expect(JSON.parse(Buffer.from(record?.value ?? '', 'base64').toString())).toMatchObject({ symbol: 'S0', price: 1.5 })
  await settled(() => source.commits.get(0), 2)
})

test('a schema is asked for once, and what comes after the first records does not wait', async () => {
  const { source, events, asked } = aRegisteredMapping()
  source.join([0, 1])
  source.hand(rows(0))
  await settled(() => offsets(events), [0])
  source.hand(rows(1))
  await pass(0)
  expect(offsets(events)).toEqual([0, 1])
  expect(asked()).toBe(1)
})

describe('while the registry gives no answer', () => {
  test('records wait in order, their partition is paused, and it is said once', async () => {
    const { source, events, log, down } = aRegisteredMapping()
    down(true)
    source.join([0])
    source.hand(rows(0, 1))
    await pass(10_000)
    expect([events.length, source.paused.has(0)]).toEqual([0, true])
    expect(log.lines.filter((line) => line.includes('connection refused'))).toHaveLength(1)
    down(false)
    await pass(5_000)
    await settled(() => offsets(events), [0, 1])
    expect(source.paused.has(0)).toBe(false)
    expect(log.lines.at(-1) ?? '').not.toContain('refused')
  })

  test('a partition that goes to another member takes what waits with it', async () => {
    const { source, events, down } = aRegisteredMapping()
    down(true)
    source.join([0, 1])
    source.hand(rows(0, 1))
    await pass(100)
    source.join([1])
    down(false)
    await pass(20_000)
    expect(events).toEqual([])
    expect(source.join([0, 1]).get(0)).toBe(0)
    source.hand(rows(0, 1))
    await settled(() => offsets(events), [0, 1])
  })

  test('one that is kept through a rebalance is read again from where the mapping stands', async () => {
    const { source, events, down } = aRegisteredMapping()
    down(true)
    source.join([0])
    source.hand(rows(0, 1))
    await pass(100)
    expect(source.join([0]).get(0)).toBe(0)
    down(false)
    source.hand(rows(0, 1))
    await pass(20_000)
    await settled(() => offsets(events), [0, 1])
    await settled(() => source.commits.get(0), 2)
  })

  test('the mapping can be stopped', async () => {
    const { source, mapping, down } = aRegisteredMapping()
    down(true)
    source.join([0])
    source.hand(rows(0))
    await pass(100)
    await mapping.stop(new AbortController().signal)
    expect(source.isClosed()).toBe(true)
  })
})

test('what the registry refuses goes to the destination with its reason, and the others go on', async () => {
  const { source, events, destination, log, mapping } = aRegisteredMapping()
  const bad = [aRow({ offset: 1, value: Buffer.from('x') }), aRow({ offset: 2, value: Buffer.from([0, 0, 0, 0, 9]) })]
  source.join([0])
  source.hand([...rows(0), ...bad, ...rows(3)])
  await settled(() => offsets(events), [0, 3])
  expect(destination.said()).toEqual(['DESERIALIZATION_ERROR 0:1', 'SCHEMA_NOT_FOUND 0:2'])
  expect(destination.discarded[0]?.rows[0]?.value).toEqual(Buffer.from('x'))
  await settled(() => source.commits.get(0), 4)
  expect(log.lines.filter((line) => line.includes('begins with 120'))).toHaveLength(1)
  expect(mapping.metrics.sums().SchemaRegistryErrorCount).toBe(2)
})

test.each(['JSON', 'SOURCE'] as const)(
  'filters look at the JSON of a value, also where the function gets %s',
  async (format) => {
    const { source, events } = aRegisteredMapping({ format, filter: '{"value":{"symbol":["S1"]}}' })
    source.join([0])
    source.hand(rows(0, 1, 2))
    await settled(() => offsets(events), [1])
    await settled(() => source.commits.get(0), 3)
  },
)
