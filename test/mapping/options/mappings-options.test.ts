import { expect, test } from 'vitest'
import { mappingsOptions, type OptionValues } from '../../../mapping/options/mappings-options.ts'
import { memoryLog } from '../builders.ts'

const options = (values: OptionValues, environment: Readonly<Record<string, string>> = {}, log = memoryLog()) =>
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
    standardEndpoint: () => 'http://localhost:3002',
    log,
  })

test('an option goes before its variable, and what neither says is the standard', () => {
  const environment = {
    KAFKA_MAPPING_METRICS_PORT: '1',
    KAFKA_MAPPING_RECORD_FILE: 'variable.ndjson',
    KAFKA_MAPPING_LAMBDA_ENDPOINT: 'http://localhost:9',
    KAFKA_MAPPING_BROKERS: 'localhost:9092',
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
  expect(options({ 'quiet-batches': false }, { KAFKA_MAPPING_QUIET_BATCHES: 'true' }).saysBatches).toBe(false)
})

test('variables under a former name are said in one line', () => {
  const log = memoryLog()
  options({ 'allow-remote': 'c' }, { METRICS_PORT: '1', ALLOW_REMOTE: 'd' }, log)
  expect(log.lines).toEqual([
    'warning: Kafka mappings: METRICS_PORT is now KAFKA_MAPPING_METRICS_PORT: the old names are still read, though an ' +
      'application may mean something else by them',
  ])
  expect(options({ 'allow-remote': 'c' }, { ALLOW_REMOTE: 'd' }).allowed).toEqual(new Set(['c', 'd']))
})

test('hosts are allowed by the variable and by the option, again and again or with commas between them', () => {
  const { allowed, awsEndpoint } = options(
    { 'allow-remote': ['a,b:9092', 'c'] },
    { KAFKA_MAPPING_ALLOW_REMOTE: 'd', AWS_ENDPOINT_URL: 'http://a:4566' },
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
  expect(() => options({}, { KAFKA_MAPPING_METRICS_PORT: 'abc' })).toThrow(/^environment: KAFKA_MAPPING_METRICS_PORT: /)
})

test('where an endpoint is named, that of serverless-offline is not asked for, which may have none', () => {
  const standardEndpoint = () => {
    throw new Error('lambdaPort is null')
  }
  const service = { service: 'demo', stage: 'dev', region: 'eu-west-1', functions: {} }
  const sources = { commandLine: 'plugin', environment: {}, service, standardEndpoint, log: memoryLog() } as const
  const endpoint = 'http://localhost:8'
  expect(mappingsOptions({ ...sources, values: { 'lambda-endpoint': endpoint } }).endpoint).toBe(endpoint)
  expect(() => mappingsOptions({ ...sources, values: {} })).toThrow('lambdaPort is null')
})
