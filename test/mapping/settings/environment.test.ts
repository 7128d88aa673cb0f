import { expect, test } from 'vitest'
import { readEnvironment } from '../../../mapping/settings/environment.ts'

test('brokers, allowed hosts and the recording come from three variables; empty is unset', () => {
  const environment = readEnvironment({
    KAFKA_BROKERS: 'localhost:1,localhost:2',
    ALLOW_REMOTE: 'kafka',
    RECORD_FILE: '',
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
  expect(() => readEnvironment({ KAFKA_BROKERS: 'localhost' })).toThrow(/KAFKA_BROKERS/)
})

test('a comma too many among the brokers is refused as such', () => {
  expect(() => readEnvironment({ KAFKA_BROKERS: 'localhost:9092,' })).toThrow(
    /^environment: KAFKA_BROKERS\.1: expected host:port, not ""$/,
  )
})

test('an AWS endpoint serves destinations only where it is on this machine or allowed', () => {
  const { awsEndpoint } = readEnvironment({
    AWS_ENDPOINT_URL: 'http://localhost:4566',
    AWS_ENDPOINT_URL_S3: 'https://s3.example.com',
    AWS_ENDPOINT_URL_SNS: 'http://compose-sns:9911',
    ALLOW_REMOTE: 'compose-sns',
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
