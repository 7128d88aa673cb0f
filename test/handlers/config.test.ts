import { expect, test } from 'vitest'
import { handlerEnvironment, readSettings } from '../../handlers/config.ts'

test('an empty environment gives the settings of a laptop', () => {
  expect(readSettings({})).toEqual({
    SYMBOLS: 5,
    SEED: 42,
    MOVE_PERCENT: 0.1,
    ARCHIVE_WINDOW: '1 minute',
    ARCHIVE_BUCKET: 'stock-bars',
    WINDOW: '3 seconds',
    WATERMARK_DELAY: '10 seconds',
    OUTPUT_MODE: 'update',
  })
  expect(handlerEnvironment({})).toEqual({ TOPIC: 'stock-ticks', PARTITIONS: '3' })
})

test('every variable that is wrong is named', () => {
  expect(() => readSettings({ SYMBOLS: '6', SEED: 'lucky', WINDOW: ' ' })).toThrow(
    /^environment: SYMBOLS: .*SEED: .*WINDOW: .*See handlers\/config\.ts\.$/,
  )
})

test('a variable that serverless.yml had no value for is not set', () => {
  expect(readSettings(handlerEnvironment({ IDLE_TIMEOUT: '', TOPIC: '' }))).toEqual(readSettings({}))
  expect(handlerEnvironment({ IDLE_TIMEOUT: '', TOPIC: '' })).toEqual(handlerEnvironment({}))
})
