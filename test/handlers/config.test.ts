import { describe, expect, test } from 'vitest'
import { readSettings } from '../../handlers/config.ts'
import { stateStore } from '../../handlers/state.ts'

test('an empty environment gives the settings of a laptop', () => {
  expect(readSettings({})).toEqual({
    TOPIC: 'stock-ticks',
    SERVICE: 'microbatch',
    PARTITIONS: 3,
    KAFKA_BROKERS: ['localhost:9092'],
    KAFKA_AUTH: 'none',
    SYMBOLS: 5,
    SEED: 42,
    WINDOW: '3 seconds',
    WATERMARK_DELAY: '10 seconds',
    OUTPUT_MODE: 'update',
    STATE: 'dynamodb',
    PARTIAL_BATCHES: false,
    STATE_TABLE: 'microbatch-state',
    DEAD_LETTER_FILE: '.local/dead-letters.ndjson',
  })
})

test('brokers are a list', () => {
  expect(readSettings({ KAFKA_BROKERS: 'a:9092, b:9092' }).KAFKA_BROKERS).toEqual(['a:9092', 'b:9092'])
})

test('every variable that is wrong is named', () => {
  expect(() => readSettings({ SYMBOLS: '6', SEED: 'lucky', TOPIC: ' ' })).toThrow(/TOPIC: .*SYMBOLS: .*SEED: /)
})

test('a variable that serverless.yml had no value for is not set', () => {
  expect(readSettings({ AWS_ENDPOINT_URL_DYNAMODB: '', TOPIC: '' })).toEqual(readSettings({}))
})

describe('state on a laptop stays on the laptop', () => {
  test('an endpoint elsewhere is refused', () => {
    const settings = readSettings({
      IS_OFFLINE: 'true',
      AWS_ENDPOINT_URL_DYNAMODB: 'https://dynamodb.us-east-1.example',
    })
    expect(() => stateStore(settings)).toThrow('is not this machine')
  })
  test('a loopback endpoint is taken', () => {
    const settings = readSettings({ IS_OFFLINE: 'true', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:4566' })
    expect(stateStore(settings).isShared).toBe(true)
  })
})
