import { expect, test } from 'vitest'
import { readSettings } from '../../handlers/config.ts'

test('an empty environment gives the settings of a laptop', () => {
  expect(readSettings({})).toEqual({
    TOPIC: 'stock-ticks',
    KAFKA_BROKERS: ['localhost:9092'],
    SYMBOLS: 5,
    SEED: 42,
    DEAD_LETTER_FILE: '.local/dead-letters.ndjson',
  })
})

test('brokers are a list', () => {
  expect(readSettings({ KAFKA_BROKERS: 'a:9092, b:9092' }).KAFKA_BROKERS).toEqual(['a:9092', 'b:9092'])
})

test('every variable that is wrong is named', () => {
  expect(() => readSettings({ SYMBOLS: '6', SEED: 'lucky', TOPIC: ' ' })).toThrow(/TOPIC: .*SYMBOLS: .*SEED: /)
})
