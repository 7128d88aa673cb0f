import { describe, expect, test } from 'vitest'
import { Tick } from '../../handlers/ticks/tick.ts'
import { count, json, kafkaHandler, stream } from '../../lib/index.ts'
import { fromEnvironment, producerFromEnvironment } from '../../lib/lambda/index.ts'
import { keepingSink } from '../builders.ts'

const given = { TOPIC: 'orders', PARTITIONS: '6' }
const onLambda = { ...given, AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' }

test('a query learns its topic and partitions, and is all or nothing unless told', () => {
  expect(fromEnvironment({ ...given, SERVICE: 'shop-prod' })).toMatchObject({
    service: 'shop-prod',
    topic: 'orders',
    partitions: 6,
    partialBatches: false,
    isOnLambda: false,
  })
  expect(fromEnvironment({ ...given, PARTIAL_BATCHES: 'true' }).partialBatches).toBe(true)
})

test('a query of several topics learns all of them, and the partitions of each', () => {
  expect(fromEnvironment({ TOPIC: 'trades,old', PARTITIONS: 'trades=3,old=2' })).toMatchObject({
    topic: 'trades',
    topics: ['trades', 'old'],
    partitions: { trades: 3, old: 2 },
  })
  expect(fromEnvironment(given)).toMatchObject({ topics: ['orders'], partitions: 6 })
  for (const PARTITIONS of ['trades', 'trades=', 'trades=0', 'trades=3,', '=3']) {
    expect(() => fromEnvironment({ ...given, PARTITIONS })).toThrow('PARTITIONS: ')
  }
})

test('every variable that is wrong or missing is named, with who sets it', () => {
  expect(() => fromEnvironment({ PARTITIONS: '0', STATE: 'disk' })).toThrow(
    /^environment: TOPIC: .*PARTITIONS: .*STATE: .*The plugin of the deployment sets these/,
  )
})

test('an empty variable is one that is not set', () => {
  expect(() => fromEnvironment({ ...given, TOPIC: '' })).toThrow('TOPIC: ')
  expect(fromEnvironment({ ...given, DEAD_LETTER_QUEUE_URL: '', AWS_ENDPOINT_URL_DYNAMODB: '' }).topic).toBe('orders')
})

test('Lambda is what has its runtime and is neither offline nor invoked locally', () => {
  expect(fromEnvironment(onLambda).isOnLambda).toBe(true)
  expect(fromEnvironment({ ...onLambda, IS_OFFLINE: 'true' }).isOnLambda).toBe(false)
  expect(fromEnvironment({ ...onLambda, IS_LOCAL: 'true' }).isOnLambda).toBe(false)
})

describe('state on a laptop stays on the laptop', () => {
  const elsewhere = 'https://dynamodb.us-east-1.example'
  test.each([given, { ...onLambda, IS_OFFLINE: 'true' }, { ...onLambda, IS_LOCAL: 'true', STATE: 'dynamodb' }])(
    'an endpoint elsewhere is refused, %#',
    (environment) => {
      const refused = { ...environment, AWS_ENDPOINT_URL_DYNAMODB: elsewhere }
      expect(() => fromEnvironment(refused)).toThrow('is not this machine')
    },
  )
  test('a loopback endpoint is taken, and the standard one where none is set', () => {
    for (const AWS_ENDPOINT_URL_DYNAMODB of ['http://127.0.0.1:4566', 'http://[::1]:8000', undefined]) {
      expect(fromEnvironment({ ...given, AWS_ENDPOINT_URL_DYNAMODB }).state.isShared).toBe(true)
    }
  })
  test('on Lambda any endpoint is the client of AWS to judge', () => {
    expect(fromEnvironment({ ...onLambda, AWS_ENDPOINT_URL_DYNAMODB: elsewhere }).state.isShared).toBe(true)
  })
  test('memory is taken where it is asked for', () => {
    expect(fromEnvironment({ ...given, STATE: 'memory' }).state.isShared).toBe(false)
  })
})

test('an invocation by hand has empty state of its own, and the table only where it asks for it', () => {
  const byHand = { ...given, IS_LOCAL: 'true' }
  expect(fromEnvironment(byHand).state.isShared).toBe(false)
  expect(fromEnvironment({ ...byHand, STATE: 'dynamodb' }).state.isShared).toBe(true)
})

test('bad records go to a file on a laptop, and to the queue where there is one', () => {
  expect(fromEnvironment(given).deadLetters.isEphemeral).toBe(true)
  const queue = { DEAD_LETTER_QUEUE_URL: 'https://sqs.us-east-1.example/1/bad' }
  expect(fromEnvironment({ ...onLambda, ...queue }).deadLetters.isEphemeral).toBeUndefined()
})

test('what is read is what kafkaHandler takes', () => {
  const { topic, partitions, state, deadLetters } = fromEnvironment({ ...given, STATE: 'memory' })
  const query = stream('ticks').readKafka({ topic }).decode(json(Tick)).groupBy('symbol').agg({ ticks: count() })
  const written = query.writeStream({ outputMode: 'update', sinks: [keepingSink()] })
  const run = kafkaHandler(written, { state, deadLetters, partitions })
  expect(run).toBeTypeOf('function')
})

test('a laptop refuses a queue elsewhere, unless its host is allowed by name', () => {
  const queue = { ...given, DEAD_LETTER_QUEUE_URL: 'https://sqs.us-east-1.example/1/bad' }
  for (const environment of [
    queue,
    { ...onLambda, ...queue, IS_OFFLINE: 'true' },
    { ...onLambda, ...queue, IS_LOCAL: 'true' },
  ])
    expect(() => fromEnvironment(environment)).toThrow(
      /DEAD_LETTER_QUEUE_URL.*not dialled.*ALLOW_REMOTE=sqs\.us-east-1\.example/,
    )
  expect(fromEnvironment({ ...queue, ALLOW_REMOTE: 'sqs.us-east-1.example' }).deadLetters.isEphemeral).toBeUndefined()
  const emulated = { ...given, DEAD_LETTER_QUEUE_URL: 'http://localhost:4566/000000000000/bad' }
  expect(fromEnvironment(emulated).deadLetters.isEphemeral).toBeUndefined()
})

describe('a producer', () => {
  test('learns its topic and how to reach Kafka', () => {
    expect(producerFromEnvironment({ TOPIC: 'orders', KAFKA_BROKERS: 'a:9092, b:9092' })).toEqual({
      service: 'microbatch',
      topic: 'orders',
      kafka: { brokers: ['a:9092', 'b:9092'], auth: 'none', allowedHosts: new Set() },
    })
  })
  test('is refused a kind of authentication without what it needs', () => {
    expect(() => producerFromEnvironment({ TOPIC: 'orders', KAFKA_AUTH: 'iam' })).toThrow('KAFKA_CLUSTER_ARN: ')
    expect(() => producerFromEnvironment({ TOPIC: 'orders', KAFKA_AUTH: 'plain' })).toThrow('KAFKA_CREDENTIALS: ')
  })
})
