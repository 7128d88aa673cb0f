import { describe, expect, test } from 'vitest'
import { readSettings, type ServiceDefinition } from '../../../mapping/settings/settings.ts'

const nowMs = Date.UTC(2026, 0, 1)

const extended = (properties: object, event: object = {}): ServiceDefinition => ({
  service: 'demo',
  stage: 'dev',
  region: 'eu-west-1',
  functions: {
    'bar-s': { events: [{ kafka: { bootstrapServers: ['localhost:9092'], topic: 'stock-ticks', ...event } }] },
  },
  resources: { extensions: { BarDashsEventSourceMappingKafkaStockticks: { Properties: properties } } },
})
const read = (properties: object, event: object = {}) => readSettings(extended(properties, event), nowMs)[0]
const provisioned = { ProvisionedPollerConfig: { MinimumPollers: 1 } }

describe('local-mapping.md 4.2: what an extension adds to an event', () => {
  test('is read as AWS reads it', () => {
    const settings = read({
      ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 4 },
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 60,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: 'kafka://failed' } },
      FilterCriteria: { Filters: [{ Pattern: '{"value":["x"]}' }] },
      BatchSize: 7,
    })
    expect(settings).toMatchObject({
      batchSize: 7,
      pollers: { min: 2, max: 4 },
      maxRetries: 3,
      maxRecordAgeMs: 60_000,
      bisects: true,
      reportsItemFailures: true,
      onFailure: { kind: 'kafka', topic: 'failed' },
      filterPatterns: ['{"value":["x"]}'],
    })
  })

  test('replaces what the event says property by property, not deeper, as osls does', () => {
    const event = { batchSize: 5, maximumBatchingWindow: 2, filterPatterns: [{ value: ['a'] }, { value: ['b'] }] }
    const more = { BatchSize: 7, FilterCriteria: { Filters: [{ Pattern: '{"value":["x"]}' }] } }
    expect(read(more, event)).toMatchObject({ batchSize: 7, windowMs: 2_000, filterPatterns: ['{"value":["x"]}'] })
  })

  test('numbers and booleans may come as text, as a serverless variable yields them', () => {
    expect(read({ ...provisioned, MaximumRetryAttempts: '2', BisectBatchOnFunctionError: 'true' })).toMatchObject({
      maxRetries: 2,
      bisects: true,
    })
  })

  test('infinite retries with an on-failure destination are 10', () => {
    const destination = { onFailureDestination: 'arn:aws:sqs:eu-west-1:123456789012:failed' }
    expect(read({}, destination)?.maxRetries).toBe(10)
    expect(read({ ...provisioned, MaximumRetryAttempts: -1 }, destination)?.maxRetries).toBe(10)
    expect(read({ ...provisioned, MaximumRetryAttempts: 12 }, destination)?.maxRetries).toBe(12)
    expect(read({})?.maxRetries).toBe(Number.POSITIVE_INFINITY)
  })

  test('an SQS destination does not need provisioned pollers, and an empty one is none', () => {
    expect(read({}, { onFailureDestination: 'arn:aws:sqs:eu-west-1:123456789012:failed' })?.onFailure).toEqual({
      kind: 'sqs',
      arn: 'arn:aws:sqs:eu-west-1:123456789012:failed',
      name: 'failed',
      region: 'eu-west-1',
    })
    expect(read({ DestinationConfig: { OnFailure: { Destination: '' } } })?.onFailure).toBeUndefined()
  })

  test.each([
    ['a queue of the stack by its name', 'AWS::SQS::Queue', { QueueName: 'q' }, { kind: 'sqs', name: 'q' }],
    ['a bucket', 'AWS::S3::Bucket', { BucketName: 'b' }, { kind: 's3', bucket: 'b', arn: 'arn:aws:s3:::b' }],
    ['a topic without a name by its id', 'AWS::SNS::Topic', {}, { kind: 'sns', name: 'Failed' }],
  ])('%s is found by reference', (_what, Type, Properties, expected) => {
    const definition = extended({
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Failed', 'Arn'] } } },
    })
    const resources = { ...(definition.resources as object), Resources: { Failed: { Type, Properties } } }
    expect(readSettings({ ...definition, resources }, nowMs)[0]?.onFailure).toMatchObject(expected)
  })

  const byReference = (Destination: unknown, Resources: object) => {
    const definition = extended({ DestinationConfig: { OnFailure: { Destination } } })
    const resources = { ...(definition.resources as object), Resources }
    return readSettings({ ...definition, resources }, nowMs)[0]?.onFailure
  }
  const stack = {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'b' } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': `\${AWS::Region}-\${Prefix}-q` } } },
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    Stream: { Type: 'AWS::Kinesis::Stream', Properties: {} },
  }

  test.each([
    [`arn:aws:s3:::\${Bucket}`, { kind: 's3', bucket: 'b', arn: 'arn:aws:s3:::b' }],
    [`\${Bucket.Arn}`, { kind: 's3', bucket: 'b', arn: 'arn:aws:s3:::b' }],
    [`\${Topic}`, { kind: 'sns', name: 'Topic', arn: 'arn:aws:sns:eu-west-1:000000000000:Topic' }],
    [
      `arn:\${AWS::Partition}:sqs:us-west-2:\${AWS::AccountId}:\${Queue.QueueName}`,
      { kind: 'sqs', region: 'us-west-2', name: 'eu-west-1-Prefix-q' },
    ],
    [`arn:aws:sqs:\${AWS::Region}:\${AWS::AccountId}:\${AWS::StackName}-q`, { kind: 'sqs', name: 'StackName-q' }],
  ])('Fn::Sub of %s comes to an ARN', (text, expected) => {
    expect(byReference({ 'Fn::Sub': text }, stack)).toMatchObject(expected)
  })

  test('Fn::Sub with variables, and Fn::Join, come to an ARN', () => {
    const sub = { 'Fn::Sub': [`arn:aws:s3:::\${Name}`, { Name: { Ref: 'Bucket' } }] }
    expect(byReference(sub, stack)).toMatchObject({ bucket: 'b' })
    const join = { 'Fn::Join': [':', ['arn:aws:sqs', { Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }, 'q']] }
    expect(byReference(join, {})).toMatchObject({ arn: 'arn:aws:sqs:eu-west-1:000000000000:q' })
  })

  test.each([
    { 'Fn::ImportValue': 'failed' },
    { Ref: 'AParameter' },
    { 'Fn::Select': [0, [{ Ref: 'Queue' }]] },
    { 'Fn::If': ['IsLive', { Ref: 'Topic' }, { Ref: 'Topic' }] },
  ])('%j, which only CloudFormation can fill in, is kept as it is', (reference) => {
    expect(byReference(reference, stack)).toEqual({ kind: 'reference', reference: JSON.stringify(reference) })
  })

  test.each([
    ['to a stream', { 'Fn::GetAtt': ['Stream', 'Arn'] }, 'Stream is of type AWS::Kinesis::Stream'],
    ['that gives the URL of a queue', { Ref: 'Queue' }, 'https://sqs.'],
    ['to an ARN of another service', { 'Fn::Sub': `arn:aws:lambda:\${AWS::Region}:1:function:f` }, 'neither an SQS'],
  ])('a reference %s is refused, naming function and event', (_what, reference, message) => {
    const place =
      'functions.bar-s.events[0].kafka with resources.extensions.BarDashsEventSourceMappingKafkaStockticks: '
    expect(() => byReference(reference, stack)).toThrow(place)
    expect(() => byReference(reference, stack)).toThrow(message)
  })

  test('ProvisionedPollerConfig {} turns provisioned mode off', () => {
    expect(read({ ProvisionedPollerConfig: {} })?.pollers).toBeUndefined()
    expect(read({}, { provisionedPollerConfig: { minimumPollers: 3 } })?.pollers).toEqual({ min: 3, max: 200 })
    expect(read({}, { provisionedPollers: { min: 3, max: 4, group: 'g' } })?.pollers).toEqual({ min: 3, max: 4 })
  })
})

describe('is refused as AWS refuses it', () => {
  test('naming function and event, of a destination too', () => {
    const place = /functions\.bar-s\.events\[0\]\.kafka .*neither an SQS queue/
    const onFailureDestination = 'arn:aws:lambda:eu-west-1:123456789012:function:f'
    expect(() => read({}, { onFailureDestination })).toThrow(place)
  })

  test.each([
    ['MaximumRetryAttempts', { MaximumRetryAttempts: 0 }, "Unsupported 'maximumRetryAttempts' parameter"],
    ['MaximumRecordAgeInSeconds', { MaximumRecordAgeInSeconds: 60 }, "Unsupported 'maximumRecordAgeInSeconds'"],
    ['BisectBatchOnFunctionError', { BisectBatchOnFunctionError: true }, "Unsupported 'bisectBatchOnFunctionError'"],
    [
      'ReportBatchItemFailures',
      { FunctionResponseTypes: ['ReportBatchItemFailures'] },
      "Unsupported 'functionResponseTypes'",
    ],
    [
      'a Kafka destination',
      { DestinationConfig: { OnFailure: { Destination: 'kafka://failed' } } },
      "Unsupported 'destinationConfig'",
    ],
    [
      'a schema registry',
      { SelfManagedKafkaEventSourceConfig: { SchemaRegistryConfig: { EventRecordFormat: 'JSON' } } },
      "Unsupported 'schemaRegistryConfig'",
    ],
    [
      'PollerGroupName alone is provisioned, an empty config is not',
      { ProvisionedPollerConfig: {}, MaximumRetryAttempts: 1 },
      'ProvisionedPollerConfig',
    ],
  ])('without provisioned pollers: %s', (_what, properties, message) => {
    expect(() => read(properties)).toThrow(message)
  })

  test.each([
    ['a retry limit under -1', { MaximumRetryAttempts: -2 }, "Value '-2' at 'maximumRetryAttempts'"],
    ['a retry limit over 10,000', { MaximumRetryAttempts: 10_001 }, 'less than or equal to 10000'],
    ['an age of 0', { MaximumRecordAgeInSeconds: 0 }, "Value '0' at 'maximumRecordAgeInSeconds'"],
    ['an age of 59', { MaximumRecordAgeInSeconds: 59 }, '60'],
    ['an age over a week', { MaximumRecordAgeInSeconds: 604_801 }, 'less than or equal to 604800'],
    [
      'more minimum than maximum pollers',
      { ProvisionedPollerConfig: { MinimumPollers: 3, MaximumPollers: 2 } },
      'more than',
    ],
    ['201 minimum pollers', { ProvisionedPollerConfig: { MinimumPollers: 201 } }, 'less than or equal to 200'],
    ['no maximum pollers', { ProvisionedPollerConfig: { MaximumPollers: 0 } }, 'greater than or equal to 1'],
    ['2,001 maximum pollers', { ProvisionedPollerConfig: { MaximumPollers: 2_001 } }, 'less than or equal to 2000'],
    ['a poller group of 129', { ProvisionedPollerConfig: { PollerGroupName: 'g'.repeat(129) } }, 'PollerGroupName'],
    ['a poller group with a dot', { ProvisionedPollerConfig: { PollerGroupName: 'a.b' } }, 'PollerGroupName'],
    ['24 access configurations', { SourceAccessConfigurations: Array(24).fill({}) }, 'SourceAccessConfigurations'],
    ['a topic of 250 characters', { Topics: ['t'.repeat(250)] }, 'Topics'],
    ['a topic that begins with a dot', { Topics: ['.ticks'] }, "at 'topics'"],
    ['a topic with a space', { Topics: ['stock ticks'] }, "at 'topics'"],
    ['a group of 201', { SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'g'.repeat(201) } }, 'consumerGroupId'],
    [
      'a destination of 351 characters',
      { DestinationConfig: { OnFailure: { Destination: `arn:aws:s3:::${'b'.repeat(338)}` } } },
      'destinationConfig.onFailure.destination',
    ],
    ['another response type', { FunctionResponseTypes: ['Other'] }, 'ReportBatchItemFailures'],
    ['OnSuccess', { DestinationConfig: { OnSuccess: {} } }, 'OnSuccess is not supported'],
    ['a destination of another form', { DestinationConfig: { OnFailure: { Destination: 'https://x' } } }, 'pattern'],
    [
      'a destination that AWS has not for Kafka',
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:lambda:eu-west-1:123456789012:function:f' } } },
      'neither an SQS queue',
    ],
    [
      'the source topic as destination',
      { DestinationConfig: { OnFailure: { Destination: 'kafka://stock-ticks' } } },
      'source topic',
    ],
    ['two topics', { Topics: ['aa', 'bb'] }, "at 'topics'"],
    ['a tumbling window, which Kafka has not', { TumblingWindowInSeconds: 5 }, 'TumblingWindowInSeconds'],
    ['eleven filters', { FilterCriteria: { Filters: Array(11).fill({ Pattern: '{}' }) } }, 'Filters'],
    ['a cluster beside servers', { EventSourceArn: 'arn:aws:kafka:x' }, 'not both'],
  ])('%s', (_what, properties, message) => {
    expect(() => read({ ...provisioned, ...properties })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringContaining(message) }),
    )
  })

  test.each([['ConsumptionMode Queue', { ConsumptionMode: 'Queue' }]])('%s, as not reproduced', (_what, config) => {
    expect(() => read({ ...provisioned, SelfManagedKafkaEventSourceConfig: config })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_UNSUPPORTED' }),
    )
  })

  test('an extension of a mapping that osls does not make, naming those it makes', () => {
    const definition = { ...extended({}), resources: { extensions: { BarsEventSourceMappingKafkaX: {} } } }
    expect(() => readSettings(definition, nowMs)).toThrow(
      /not found in generated stack.*BarDashsEventSourceMappingKafkaStockticks/,
    )
  })
})

describe('a plain AWS::Lambda::EventSourceMapping resource', () => {
  const plain = (FunctionName: unknown, more: object = {}) =>
    readSettings(
      {
        service: 'demo',
        stage: 'dev',
        region: 'eu-west-1',
        functions: { bars: {}, named: { name: 'my-name' } },
        resources: {
          Resources: {
            M: {
              Type: 'AWS::Lambda::EventSourceMapping',
              Properties: {
                FunctionName,
                Topics: ['stock-ticks'],
                StartingPosition: 'LATEST',
                SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['localhost:9092'] } },
                ...more,
              },
            },
            Sqs: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { EventSourceArn: 'arn:aws:sqs:x' } },
          },
        },
      },
      nowMs,
    )

  test.each([
    ['Ref', { Ref: 'BarsLambdaFunction' }, 'bars'],
    ['GetAtt', { 'Fn::GetAtt': ['BarsLambdaFunction', 'Arn'] }, 'bars'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is CloudFormation's
    ['Sub', { 'Fn::Sub': '${NamedLambdaFunction.Arn}' }, 'named'],
    ['its ARN', 'arn:aws:lambda:eu-west-1:123456789012:function:demo-dev-bars', 'bars'],
    ['its ARN with a version', 'arn:aws:lambda:eu-west-1:123456789012:function:my-name:3', 'named'],
    ['its name', 'my-name', 'named'],
  ])('finds its function by %s', (_how, name, key) => {
    expect(plain(name)).toMatchObject([
      { functionKey: key, topic: 'stock-ticks', startingPosition: { kind: 'LATEST' } },
    ])
  })

  test('with a function of another service is refused', () => {
    expect(() => plain('other')).toThrow(/resources\.Resources\.M\.FunctionName "other".*bars, named/)
  })

  test('needs StartingPosition, as AWS does', () => {
    expect(() => plain('my-name', { StartingPosition: undefined })).toThrow(/StartingPosition/)
  })

  test('with servers that only CloudFormation knows leaves them to KAFKA_MAPPING_BROKERS', () => {
    const [settings] = plain('my-name', {
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: [{ Ref: 'Brokers' }] } },
    })
    expect(settings?.bootstrapServers).toEqual([])
  })
})
