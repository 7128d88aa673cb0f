import { expect, test } from 'vitest'
import { checkMappings } from '../../../local/doctor/mappings.ts'
import type { ServiceDefinition } from '../../../mapping/settings/settings.ts'

const nowMs = Date.UTC(2026, 0, 1)

const kafka = (more: object = {}) => ({
  kafka: { accessConfigurations: {}, bootstrapServers: ['localhost:9092'], topic: 'ticks', ...more },
})
const service = (event: object, resources: object = {}): ServiceDefinition => ({
  ...{ service: 'demo', stage: 'dev', region: 'eu-west-1', resources },
  functions: { bars: { events: [event] } },
})

test('a mapping that AWS would make is said with its batching, and its brokers are given', () => {
  const { findings, brokers } = checkMappings(service(kafka({ maximumBatchingWindow: 3 })), nowMs)
  expect(findings).toEqual([
    {
      level: 'ok',
      subject: 'mapping bars',
      says: "ticks: 100 records or 3000 ms; from the group's commits, else TRIM_HORIZON",
    },
  ])
  expect(brokers).toEqual(['localhost:9092'])
})

test('a batch window of 301 s is a problem, with the place and the limit', () => {
  const { findings } = checkMappings(service(kafka({ maximumBatchingWindow: 301 })), nowMs)
  expect(findings).toMatchObject([{ level: 'problem', says: expect.stringMatching(/bars.*(<=|300)/s) }])
})

test('retry limits without provisioned pollers are a problem, by name', () => {
  const extensions = { BarsEventSourceMappingKafkaTicks: { Properties: { MaximumRetryAttempts: 3 } } }
  const { findings } = checkMappings(service(kafka(), { extensions }), nowMs)
  expect(findings).toMatchObject([{ level: 'problem', says: expect.stringMatching(/maximumRetryAttempts/i) }])
})

test('a service without Kafka events, and a mapping that is off, are warnings', () => {
  expect(checkMappings(service({ schedule: 'rate(1 minute)' }), nowMs).findings).toMatchObject([{ level: 'warning' }])
  const off = checkMappings(service(kafka({ enabled: false })), nowMs)
  expect(off).toMatchObject({ findings: [{ level: 'warning' }], brokers: [] })
})
