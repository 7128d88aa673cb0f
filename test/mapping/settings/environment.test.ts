import { expect, test } from 'vitest'
import { readEnvironment } from '../../../mapping/settings/environment.ts'

test('brokers, allowed hosts and the recording come from three variables; empty is unset', () => {
  const environment = readEnvironment({
    KAFKA_MAPPING_BROKERS: 'localhost:1,localhost:2',
    KAFKA_MAPPING_ALLOW_REMOTE: 'kafka',
    KAFKA_MAPPING_RECORD_FILE: '',
  })
  expect(environment).toMatchObject({
    kafkaBrokers: ['localhost:1', 'localhost:2'],
    kafkaSecurity: {},
    allowedHosts: new Set(['kafka']),
    recordFile: undefined,
    dynamoDbEndpoint: undefined,
  })
})

test('a broker without a port is refused, naming the variable', () => {
  expect(() => readEnvironment({ KAFKA_MAPPING_BROKERS: 'localhost' })).toThrow(/KAFKA_MAPPING_BROKERS/)
})

test('a comma too many among the brokers is refused as such', () => {
  expect(() => readEnvironment({ KAFKA_MAPPING_BROKERS: 'localhost:9092,' })).toThrow(
    /^environment: KAFKA_MAPPING_BROKERS\.1: expected host:port, not ""$/,
  )
})

test('a variable without the prefix is still read, is named in messages as it is, and gives way to the new one', () => {
  const former = { KAFKA_BROKERS: 'localhost:1', METRICS_PORT: '9', QUIET_BATCHES: '' }
  expect(readEnvironment(former)).toMatchObject({
    kafkaBrokers: ['localhost:1'],
    metricsPort: 9,
    formerVariables: ['KAFKA_BROKERS', 'METRICS_PORT'],
  })
  expect(readEnvironment({ ...former, KAFKA_MAPPING_BROKERS: 'localhost:2' })).toMatchObject({
    kafkaBrokers: ['localhost:2'],
    formerVariables: ['METRICS_PORT'],
  })
  expect(() => readEnvironment({ METRICS_PORT: 'abc' })).toThrow(/^environment: METRICS_PORT: /)
})

test('what Kafka is told of us is checked under its prefixed names', () => {
  const security = { KAFKA_MAPPING_SASL_MECHANISM: 'plain', KAFKA_MAPPING_USERNAME: 'alice' }
  expect(() => readEnvironment(security)).toThrow(
    /^environment: KAFKA_MAPPING_SASL_MECHANISM .*KAFKA_MAPPING_USERNAME and KAFKA_MAPPING_PASSWORD go together/,
  )
  expect(readEnvironment({ ...security, KAFKA_MAPPING_PASSWORD: 's' }).kafkaSecurity.sasl?.mechanism).toBe('plain')
})

test('an AWS endpoint serves destinations only where it is on this machine or allowed', () => {
  const { awsEndpoint } = readEnvironment({
    AWS_ENDPOINT_URL: 'http://localhost:4566',
    AWS_ENDPOINT_URL_S3: 'https://s3.example.com',
    AWS_ENDPOINT_URL_SNS: 'http://compose-sns:9911',
    KAFKA_MAPPING_ALLOW_REMOTE: 'compose-sns',
  })
  expect(awsEndpoint('sqs')).toBe('http://localhost:4566')
  expect(awsEndpoint('s3')).toBeUndefined()
  expect(awsEndpoint('sns')).toBe('http://compose-sns:9911')
})

test('tables are made at a DynamoDB API on this machine only', () => {
  const endpointOf = (url: string) => readEnvironment({ AWS_ENDPOINT_URL_DYNAMODB: url }).dynamoDbEndpoint
  expect(endpointOf('http://127.0.0.1:8000')).toBe('http://127.0.0.1:8000')
  expect(endpointOf('https://dynamodb.eu-west-1.amazonaws.com')).toBeUndefined()
})
