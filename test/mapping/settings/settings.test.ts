import { describe, expect, test } from 'vitest'
import { readSettings, type ServiceDefinition } from '../../../mapping/settings/settings.ts'

const nowMs = Date.UTC(2026, 0, 1)

const service = (event: unknown, more: Partial<ServiceDefinition> = {}): ServiceDefinition => ({
  service: 'demo',
  stage: 'dev',
  region: 'eu-west-1',
  functions: { bars: { events: [{ schedule: 'rate(1 minute)' }, event] } },
  ...more,
})

const kafka = (more: object = {}) => ({
  kafka: { accessConfigurations: {}, bootstrapServers: ['localhost:9092'], topic: 'stock-ticks', ...more },
})
const msk = (more: object = {}) => ({ msk: { arn: 'arn:aws:kafka:x', topic: 'stock-ticks', ...more } })

const read = (event: unknown) => readSettings(service(event), nowMs)[0]

test("what the event leaves out is AWS's default", () => {
  expect(read(kafka())).toEqual({
    functionKey: 'bars',
    source: 'kafka',
    topic: 'stock-ticks',
    batchSize: 100,
    windowMs: 500,
    startingPosition: { kind: 'TRIM_HORIZON' },
    enabled: true,
    consumerGroupId: 'demo-dev-bars-stock-ticks',
    bootstrapServers: ['localhost:9092'],
    clusterArn: undefined,
    filterPatterns: [],
    pollers: undefined,
    maxRetries: Number.POSITIVE_INFINITY,
    maxRecordAgeMs: Number.POSITIVE_INFINITY,
    bisects: false,
    reportsItemFailures: false,
    onFailure: undefined,
  })
})

test('windows are seconds, and 0 is at once', () => {
  expect(read(msk({ maximumBatchingWindow: 3 }))?.windowMs).toBe(3_000)
  expect(read(msk({ maximumBatchingWindow: 0 }))?.windowMs).toBe(0)
})

test('a starting timestamp is in Unix seconds', () => {
  const position = { startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp: 1_700_000_000 }
  expect(read(msk(position))?.startingPosition).toEqual({ kind: 'AT_TIMESTAMP', timestampMs: 1_700_000_000_000 })
})

test('bootstrap servers may be one comma-joined string', () => {
  expect(read(kafka({ bootstrapServers: 'localhost:9092, 127.0.0.1:9093' }))?.bootstrapServers).toEqual([
    'localhost:9092',
    '127.0.0.1:9093',
  ])
})

test('a reference to a cluster of the same stack becomes a stand-in ARN', () => {
  const arn = { 'Fn::GetAtt': ['TicksCluster', 'Arn'] }
  expect(read(msk({ arn }))?.clusterArn).toBe('arn:aws:kafka:eu-west-1:000000000000:cluster/TicksCluster/local')
})

describe('is refused, naming the place', () => {
  test.each([
    [
      'a batch size of 0',
      kafka({ batchSize: 0 }),
      /events\[1\]\.kafka: .*'0' at 'batchSize' .*constraint: Member must have value greater than or equal to 1/s,
    ],
    [
      'a batch size over 10,000',
      msk({ batchSize: 10_001 }),
      /msk: .*'10001' at 'batchSize' .* less than or equal to 10000/s,
    ],
    ['a window over 300 s', msk({ maximumBatchingWindow: 301 }), /'301' at 'maximumBatchingWindowInSeconds' .*300/s],
    ['a window of part of a second', msk({ maximumBatchingWindow: 0.5 }), /MaximumBatchingWindowInSeconds/],
    ['an unknown setting', msk({ batchsize: 5 }), /batchsize/],
    ['no topic', { msk: { arn: 'x' } }, /topic/],
    ['no servers', kafka({ bootstrapServers: [] }), /bootstrapServers/],
    ['a server without a port', kafka({ bootstrapServers: ['localhost'] }), /host:port/],
    ['an eleventh server', kafka({ bootstrapServers: Array(11).fill('localhost:9092') }), /bootstrapServers/],
    ['AT_TIMESTAMP without a timestamp', msk({ startingPosition: 'AT_TIMESTAMP' }), /Unix seconds/],
    [
      'a timestamp in milliseconds',
      msk({ startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp: nowMs }),
      /future/,
    ],
    ['a timestamp with another position', msk({ startingPositionTimestamp: 5 }), /AT_TIMESTAMP, not with TRIM_HORIZON/],
    ['a group id AWS would refuse', msk({ consumerGroupId: 'no blanks' }), /consumerGroupId/],
  ])('%s', (_what, event, message) => {
    expect(() => read(event)).toThrow(message)
  })

  test('one consumer group for two mappings', () => {
    const functions = {
      a: { events: [msk({ consumerGroupId: 'g' })] },
      b: { events: [kafka({ consumerGroupId: 'g' })] },
    }
    expect(() => readSettings(service({}, { functions }), nowMs)).toThrow(
      /^functions\.a\.events\[0\]\.msk and functions\.b\.events\[0\]\.kafka have the consumer group "g"/,
    )
  })

  test.each([
    ['one topic twice', 'stock-ticks', 'stock-ticks'],
    ['two topics of which a deploy makes one', 'stock.ticks', 'stock_ticks'],
  ])('%s in a function', (_what, topic, other) => {
    const functions = { bars: { events: [kafka({ topic, consumerGroupId: 'a' }), kafka({ topic: other })] } }
    expect(() => readSettings(service({}, { functions }), nowMs)).toThrow(
      /^functions\.bars\.events\[0\]\.kafka and functions\.bars\.events\[1\]\.kafka both become BarsEventSourceMappingKafkaStockticks, of which a deploy makes one/,
    )
  })
})

describe('local-mapping.md 4.1: a function runs 14 minutes at most', () => {
  const withTimeout = (own: unknown, provider?: unknown) =>
    readSettings(service({}, { functions: { bars: { timeout: own, events: [kafka()] } }, timeout: provider }), nowMs)

  test.each([841, '900'])('%s s is refused', (seconds) => {
    expect(() => withTimeout(seconds)).toThrow(/function bars has a timeout of \d+ s; .* 840 s \(14 minutes\)/)
  })

  test("the provider's timeout is that of functions without one", () => {
    expect(() => withTimeout(undefined, 900)).toThrow(/900 s/)
    expect(withTimeout(60, 900)).toHaveLength(1)
  })

  test('what is allowed, left out, or of no mapping does no harm', () => {
    expect(withTimeout(840)).toHaveLength(1)
    expect(withTimeout(undefined)).toHaveLength(1)
    expect(readSettings(service({}, { functions: { other: { timeout: 900, events: [] } } }), nowMs)).toEqual([])
  })
})

test('a generated group id is stable, within 200 characters and of the characters AWS takes', () => {
  const long = { functions: { ['f'.repeat(150)]: { events: [msk()] } }, service: 'späti', stage: 's'.repeat(60) }
  const ids = [1, 2].map(() => readSettings(service({}, long), nowMs)[0]?.consumerGroupId ?? '')
  expect(ids[0]).toBe(ids[1])
  expect(ids[0]).toMatch(/^sp_ti-[a-zA-Z0-9\-/*:_+=.@]+-[0-9a-f]{16}$/)
  expect(ids[0]).toHaveLength(200)
})

test('two mappings of one function and topic have groups of their own, the same at each start', () => {
  const functions = { bars: { events: [msk(), kafka(), msk({ topic: 'other' })] } }
  const groups = () => readSettings(service({}, { functions }), nowMs).map(({ consumerGroupId }) => consumerGroupId)
  expect(groups()).toEqual(['demo-dev-bars-stock-ticks', 'demo-dev-bars-stock-ticks-2', 'demo-dev-bars-other'])
  expect(groups()).toEqual(groups())
})

test('what kafkajs cannot read or dial is refused by name', () => {
  for (const topic of ['constructor', '__proto__', 'toString'])
    expect(() => read(kafka({ topic }))).toThrow(`a topic called ${topic} cannot be read by kafkajs`)
  expect(() => read(kafka({ bootstrapServers: ['[::1]:9092'] }))).toThrow(/kafkajs cannot dial an IPv6 address/)
  expect(() => read(kafka({ bootstrapServers: ['localhost:99999'] }))).toThrow(/a port is 65535 at most/)
})

test('functions without events, and events of other kinds, are left alone', () => {
  expect(readSettings(service({ sqs: 'arn' }, { functions: { a: {}, b: { events: ['x', null] } } }), nowMs)).toEqual([])
})

test.each([
  [undefined, undefined],
  [0, 0],
  ['2', 2],
  [{ Ref: 'Reserved' }, undefined],
])('reservedConcurrency %j is %s invocations at once', (reservedConcurrency, expected) => {
  const functions = { bars: { reservedConcurrency, events: [kafka()] } }
  expect(readSettings(service({}, { functions }), nowMs)[0]?.reservedConcurrency).toBe(expected)
})
