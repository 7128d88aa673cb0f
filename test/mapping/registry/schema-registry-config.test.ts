import { describe, expect, test } from 'vitest'
import { registrySettings } from '../../../mapping/registry/schema-registry-config.ts'
import { registryOf } from '../../../mapping/settings/mapping-rules.ts'
import { readResource } from '../../../mapping/settings/read-resource.ts'

const mapping = (config: object, event: object = {}) =>
  readResource(
    {
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['localhost:9092'] } },
      Topics: ['stock-ticks'],
      StartingPosition: 'LATEST',
      ProvisionedPollerConfig: { MinimumPollers: 1 },
      SelfManagedKafkaEventSourceConfig: { SchemaRegistryConfig: config },
      ...event,
    },
    'resources.Resources.Bars',
    Date.now(),
  )
const config = {
  SchemaRegistryURI: 'http://localhost:8081',
  EventRecordFormat: 'JSON',
  SchemaValidationConfigs: [{ Attribute: 'VALUE' }],
}
const settingsOf = (given: object) => registrySettings(registryOf(mapping(given)))

test('a configuration says which registry, which form and which attributes', () => {
  expect(settingsOf(config)).toEqual({
    ...{ uri: 'http://localhost:8081', isGlue: false, format: 'JSON', attributes: new Set(['VALUE']) },
  })
  const SchemaRegistryURI = 'arn:aws:glue:eu-west-1:123456789012:registry/demo'
  expect(settingsOf({ ...config, SchemaRegistryURI })).toMatchObject({ uri: SchemaRegistryURI, isGlue: true })
  expect(settingsOf({ ...config, SchemaRegistryURI: { Ref: 'Registry' } })).toMatchObject({ uri: undefined })
})

test('an empty one is none', () => {
  expect(settingsOf({})).toBeUndefined()
})

describe('is refused', () => {
  test.each([
    ['without a registry', { SchemaRegistryURI: undefined }, 'needs SchemaRegistryURI'],
    ['without a form', { EventRecordFormat: undefined }, 'needs EventRecordFormat: JSON or SOURCE'],
    ['without attributes', { SchemaValidationConfigs: [] }, 'needs SchemaValidationConfigs'],
    ['with another form', { EventRecordFormat: 'AVRO' }, 'EventRecordFormat'],
    ['with another attribute', { SchemaValidationConfigs: [{ Attribute: 'HEADER' }] }, 'Attribute'],
    ['with three access configurations', { AccessConfigs: [{}, {}, {}] }, 'AccessConfigs'],
    ['with a field that AWS does not know', { Format: 'JSON' }, 'Format'],
    ['with what is no registry', { SchemaRegistryURI: 'localhost:8081' }, 'neither a URL nor the ARN'],
  ])('%s', (_, change, words) => {
    expect(() => mapping({ ...config, ...change })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringContaining(words) }),
    )
  })

  test('without provisioned pollers', () => {
    expect(() => mapping(config, { ProvisionedPollerConfig: undefined })).toThrow("Unsupported 'schemaRegistryConfig'")
  })
})
