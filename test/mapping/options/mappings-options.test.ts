import { expect, test } from 'vitest'
import { mappingsOptions, type OptionValues } from '../../../mapping/options/mappings-options.ts'
import { memoryLog } from '../builders.ts'

const options = (values: OptionValues, environment: Readonly<Record<string, string>> = {}) =>
  mappingsOptions({
    values,
    commandLine: 'plugin',
    environment,
    service: {
      service: 'demo',
      stage: 'dev',
      region: 'eu-west-1',
      functions: { bars: {}, tape: { name: 'mine' } },
    },
    standardEndpoint: 'http://localhost:3002',
    log: memoryLog(),
  })

test('an option goes before its variable, and what neither says is the standard', () => {
  const environment = {
    METRICS_PORT: '1',
    RECORD_FILE: 'variable.ndjson',
    LAMBDA_ENDPOINT: 'http://localhost:9',
    KAFKA_BROKERS: 'localhost:9092',
  }
  expect(options({ 'metrics-port': '2', record: 'option.ndjson' }, environment)).toMatchObject({
    metricsPort: 2,
    recordFile: 'option.ndjson',
    endpoint: 'http://localhost:9',
    kafkaBrokers: ['localhost:9092'],
  })
  expect(options({ 'lambda-endpoint': 'http://localhost:8' }, environment).endpoint).toBe('http://localhost:8')
  expect(options({})).toMatchObject({
    endpoint: 'http://localhost:3002',
    metricsPort: undefined,
    saysBatches: true,
    onFailureFile: '.local/on-failure.ndjson',
  })
  expect(options({ 'quiet-batches': true }).saysBatches).toBe(false)
  expect(options({ 'quiet-batches': false }, { QUIET_BATCHES: 'true' }).saysBatches).toBe(false)
})

test('hosts are allowed by the variable and by the option, again and again or with commas between them', () => {
  const { allowed, awsEndpoint } = options(
    { 'allow-remote': ['a,b:9092', 'c'] },
    { ALLOW_REMOTE: 'd', AWS_ENDPOINT_URL: 'http://a:4566' },
  )
  expect(allowed).toEqual(new Set(['a', 'b', 'c', 'd']))
  expect(awsEndpoint('sqs')).toBe('http://a:4566')
  expect(options({ 'allow-remote': 'kafka' }).allowed).toEqual(new Set(['kafka']))
})

test('a function is called as the option says, else as on AWS', () => {
  const { functionName } = options({ 'function-name': 'bars=function' })
  expect([functionName('bars'), functionName('tape'), options({}).functionName('bars')]).toEqual([
    'function',
    'mine',
    'demo-dev-bars',
  ])
})

test.each([
  [{ 'metrics-port': 'abc' }, /^--metrics-port: .*number/],
  [{ 'metrics-port': '70000' }, /^--metrics-port: .*65535/],
  [{ 'lambda-endpoint': 'foo' }, /^--lambda-endpoint: expected a URL such as http:\/\/localhost:3002$/],
  [{ 'lambda-endpoint': 'localhost:3002' }, /^--lambda-endpoint: expected a URL/],
  [{ record: '' }, /^--record: /],
  [{ 'function-name': 'bars' }, /--function-name takes KEY=NAME, not bars/],
  [{ 'function-name': ['Brs=x'] }, /--function-name Brs=x: there is no function Brs, only bars, tape\./],
] as const)('%j is refused in words', (words, message) => {
  expect(() => options(words)).toThrow(
    expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringMatching(message) }),
  )
})

test('a variable that is wrong is named as a variable', () => {
  expect(() => options({}, { METRICS_PORT: 'abc' })).toThrow(/^environment: METRICS_PORT: /)
})
