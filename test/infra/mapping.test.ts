import { expect, test } from 'vitest'
import { kafkaMapping } from '../../infra/mapping.ts'
import { readParameters } from '../../infra/parameters/parameters.ts'
import { readQueries } from '../../infra/queries.ts'
import { aQuery, msk, pollers, secret, selfManaged, service } from './builders.ts'

const mappingOf = (
  parameters: object,
  query: object = { partialBatches: true },
  topicIds = new Map<string, string>(),
) => {
  const [read] = readQueries([aQuery('tape', query)], service)
  if (read === undefined) throw new Error('one query was given')
  return kafkaMapping(readParameters({ ...parameters }, { producers: true }), read, topicIds)
}

test('failed batches are set aside, and limits are taken where there are provisioned pollers', () => {
  const limits = { ...msk, ...pollers, maxRetries: 20, maxRecordAgeSeconds: 3600, partialBatches: 'true' }
  const { event, extensions } = mappingOf(limits)
  // The two frameworks name the pollers differently in their events.
  expect(JSON.stringify(event)).not.toMatch(/pollers/i)
  expect(extensions).toEqual({
    TapeEventSourceMappingMSKMyticksStockticks: {
      Properties: {
        ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 5 },
        DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedBatchQueue', 'Arn'] } } },
        MetricsConfig: { Metrics: ['EventCount'] },
        MaximumRetryAttempts: 20,
        MaximumRecordAgeInSeconds: 3600,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
  })
})

test('mappings keep their mode of polling unless told, and leave provisioned mode by 0 pollers', () => {
  expect(JSON.stringify(mappingOf(msk))).not.toContain('ProvisionedPollerConfig')
  const { extensions } = mappingOf({ ...msk, minPollers: '0', maxPollers: '0' })
  expect(JSON.stringify(extensions)).toContain('"ProvisionedPollerConfig":{}')
})

test("mappings of the stack's own cluster are made after its topic", () => {
  const { extensions } = mappingOf({ kafka: 'msk-new' }, {}, new Map([['stock-ticks', 'KafkaTopic']]))
  expect(extensions).toMatchObject({ TapeEventSourceMappingMSKKafkaClusterStockticks: { DependsOn: ['KafkaTopic'] } })
})

test('a query with state, or one that does not say so, never answers in part, and none is ever bisected', () => {
  const limits = { ...msk, ...pollers, maxRetries: 20, partialBatches: 'true' }
  expect(JSON.stringify(mappingOf(limits, { state: true }))).not.toMatch(/FunctionResponseTypes|Bisect/)
  expect(JSON.stringify(mappingOf(limits, {}))).not.toMatch(/FunctionResponseTypes|Bisect/)
  expect(JSON.stringify(mappingOf(limits))).not.toContain('Bisect')
})

test('a mapping of another Kafka carries its credentials', () => {
  expect(mappingOf({ ...selfManaged, auth: 'plain', rootCertificate: secret }).event).toMatchObject({
    kafka: { accessConfigurations: { saslPlainAuth: [secret], serverRootCaCertificate: [secret] } },
  })
})

test('what a query says of its mapping is passed on, a window of 0 in the one way that the framework keeps', () => {
  const filterPatterns = [{ value: { symbol: ['AAPL'] } }]
  const { event, extensions } = mappingOf(msk, {
    batchSize: 10,
    maximumBatchingWindow: 0,
    startingPosition: 'AT_TIMESTAMP',
    startingPositionTimestamp: 1_767_623_400,
    enabled: false,
    consumerGroupId: 'mine',
    filterPatterns,
  })
  expect(event).toMatchObject({
    msk: {
      batchSize: 10,
      maximumBatchingWindow: 0,
      startingPosition: 'AT_TIMESTAMP',
      startingPositionTimestamp: 1_767_623_400,
      enabled: false,
      consumerGroupId: 'mine',
      filterPatterns,
    },
  })
  expect(Object.values(extensions)).toMatchObject([{ Properties: { MaximumBatchingWindowInSeconds: 0 } }])
})

test('where something else invokes the functions there is no mapping', () => {
  expect(mappingOf({ kafka: 'none', bootstrapServers: 'k:1' })).toEqual({ event: null, extensions: {} })
})
