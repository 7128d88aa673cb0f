import { expect, test } from 'vitest'
import { stateFromEnvironment } from '../../lib/lambda/index.ts'

test('whoever asks is told of the topic and the table, and needs no partitions, brokers or queue', () => {
  const { service, topic, topics, state } = stateFromEnvironment({
    SERVICE: 'shop-prod',
    TOPIC: 'orders, returns',
    STATE_TABLE: 'shop-prod-state',
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
  })
  expect({ service, topic, topics, isShared: state.isShared }).toEqual({
    service: 'shop-prod',
    topic: 'orders',
    topics: ['orders', 'returns'],
    isShared: true,
  })
})

test('a laptop asks the table of that machine, and no other unless it was allowed by name', () => {
  const elsewhere = { TOPIC: 'orders', AWS_ENDPOINT_URL_DYNAMODB: 'http://dynamodb.example:8000' }
  expect(() => stateFromEnvironment(elsewhere)).toThrow('dynamodb.example')
  expect(stateFromEnvironment({ ...elsewhere, ALLOW_REMOTE: 'dynamodb.example' }).state.isShared).toBe(true)
  expect(stateFromEnvironment({ TOPIC: 'orders' }).topic).toBe('orders')
})

test('without its variables it says who sets them', () => {
  expect(() => stateFromEnvironment({})).toThrow(
    /environment: TOPIC: .*The plugin of the deployment sets these for a function with "asks"/,
  )
})
