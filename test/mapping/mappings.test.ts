import { expect, test } from 'vitest'
import { type MappingsOptions, startMappings } from '../../mapping/mappings.ts'
import { noRemoteHosts } from '../../mapping/safety.ts'
import { memoryLog } from './builders.ts'

const options = (event: unknown, more: Partial<MappingsOptions> = {}): MappingsOptions => ({
  service: 'demo',
  stage: 'dev',
  region: 'eu-west-1',
  functions: { bars: { events: [event] } },
  functionName: (key) => `demo-dev-${key}`,
  endpoint: 'http://localhost:1',
  kafkaBrokers: undefined,
  allowed: noRemoteHosts,
  recordFile: undefined,
  onFailureFile: 'unused.ndjson',
  awsEndpoint: () => undefined,
  metricsPort: undefined,
  saysBatches: false,
  log: memoryLog(),
  ...more,
})
const msk = (more: object = {}) => ({ msk: { arn: 'arn:aws:kafka:x', topic: 'stock-ticks', ...more } })

test('an msk event needs KAFKA_MAPPING_BROKERS, and the error says so', async () => {
  await expect(startMappings(options(msk()))).rejects.toThrow(/functions\.bars.*KAFKA_MAPPING_BROKERS=localhost:9092/)
})

test('a kafka event whose servers are references needs it too, and is not called an msk event', async () => {
  const event = { kafka: { bootstrapServers: [{ Ref: 'Brokers' }], topic: 'stock-ticks' } }
  await expect(startMappings(options(event))).rejects.toThrow(
    /functions\.bars: its bootstrapServers are references.*KAFKA_MAPPING_BROKERS=localhost:9092/,
  )
})

test.each([
  ['a broker', { kafkaBrokers: ['localhost:9092', 'b-1.example.com:9092'] }],
  ['the Lambda endpoint', { kafkaBrokers: ['localhost:9092'], endpoint: 'http://192.0.2.1:3002' }],
])('%s on another machine is refused before anything is dialled', async (_what, more) => {
  await expect(startMappings(options(msk(), more))).rejects.toThrow(expect.objectContaining({ code: 'REMOTE_REFUSED' }))
})

test('a disabled event is not started, and a line says so', async () => {
  const log = memoryLog()
  const mappings = await startMappings(options(msk({ enabled: false }), { log }))
  expect(mappings.count).toBe(0)
  expect(log.lines).toEqual(['notice: bars <- stock-ticks: not started, enabled is false'])
})

test('a mapping that is stopped while its broker is down ends at once', async () => {
  const mappings = await startMappings(options(msk(), { kafkaBrokers: ['localhost:1'] }))
  expect(mappings.count).toBe(1)
  const stopping = performance.now()
  await mappings.stop(AbortSignal.abort())
  expect(performance.now() - stopping).toBeLessThan(1_500)
})

test('counters and lags are served as JSON on loopback, and said at the end', async () => {
  const log = memoryLog()
  const mappings = await startMappings(options(msk(), { kafkaBrokers: ['localhost:1'], metricsPort: 0, log }))
  const url = mappings.metricsUrl ?? ''
  expect(new URL(url).hostname).toBe('127.0.0.1')
  expect(await (await fetch(url)).json()).toEqual({
    mappings: [
      expect.objectContaining({
        function: 'bars',
        topic: 'stock-ticks',
        metrics: expect.objectContaining({ PolledEventCount: 0, CommittedEventCount: 0 }),
        MaxOffsetLag: 0,
      }),
    ],
  })
  expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  await mappings.stop(AbortSignal.abort())
  expect(log.lines).toContain('notice: bars <- stock-ticks: no records')
  await expect(fetch(url)).rejects.toThrow()
})

test('a filter that AWS would refuse is refused, naming function and filter', async () => {
  const event = msk({ filterPatterns: [{ value: { price: 5 } }] })
  await expect(startMappings(options(event, { kafkaBrokers: ['localhost:1'] }))).rejects.toThrow(
    expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringContaining('functions.bars') }),
  )
})

test('a function that may never run, or cannot run here, is not started, and a line says why', async () => {
  const log = memoryLog()
  const brokers = { kafkaBrokers: ['localhost:1'], log }
  const none = { bars: { reservedConcurrency: 0, events: [msk()] } }
  expect((await startMappings(options({}, { functions: none, ...brokers }))).count).toBe(0)
  expect((await startMappings(options(msk(), { whyNotRun: () => 'it is an image', ...brokers }))).count).toBe(0)
  expect(log.lines).toEqual([
    'error: bars <- stock-ticks: not started: its reservedConcurrency is 0: AWS too would throttle every invocation',
    'error: bars <- stock-ticks: not started: it is an image',
  ])
})
