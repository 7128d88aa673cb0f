import { expect, test } from 'vitest'
import {
  brokersOf,
  misspeltVariables,
  readCliSettings,
  securityProblem,
} from '../../../../local/cli/service/settings.ts'

test('brokers are those of KAFKA_BROKERS, else the one that start brings', () => {
  expect(brokersOf(readCliSettings({ KAFKA_BROKERS: ' localhost:1, localhost:2 ' }))).toEqual([
    'localhost:1',
    'localhost:2',
  ])
  expect(brokersOf(readCliSettings({ KAFKA_BROKERS: '', KAFKA_PORT: '9192' }))).toEqual(['localhost:9192'])
})

test('a comma too many is refused as such, not taken for another machine', () => {
  expect(() => readCliSettings({ KAFKA_BROKERS: 'localhost:9092,' })).toThrow(
    expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringContaining('host:port, not ""') }),
  )
})

test('a Kafka that wants credentials or TLS is read by the variables of the mapping, and start says that it cannot', () => {
  const sasl = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'alice', KAFKA_PASSWORD: 'secret' }
  const settings = readCliSettings(sasl)
  expect(settings.kafkaSecurity).toEqual({ sasl: { mechanism: 'plain', username: 'alice', password: 'secret' } })
  expect(securityProblem(settings)).toContain('plaintext only')
  expect(securityProblem(settings)).not.toContain('secret')
  expect(securityProblem(readCliSettings({ KAFKA_SSL: 'true' }))).toContain('plaintext only')
  expect(securityProblem(readCliSettings({}))).toBeUndefined()
})

test('a number that is none is said as it was written', () => {
  expect(() => readCliSettings({ PARTITIONS: 'abc' })).toThrow(
    'environment: PARTITIONS: expected a whole number, got "abc"',
  )
  expect(readCliSettings({ PARTITIONS: ' 6 ' }).partitions).toBe(6)
})

test('a variable that is one letter off one of ours is said; another of the application is not', () => {
  expect(misspeltVariables({ KAFKA_BROKER: 'localhost:9192', PARTITION: '6' })).toEqual([
    'KAFKA_BROKER is read by no command of microbatch: was KAFKA_BROKERS meant?',
    'PARTITION is read by no command of microbatch: was PARTITIONS meant?',
  ])
  expect(misspeltVariables({ KAFKA_HOST: 'k', KAFKA_BROKERS: 'localhost:9192', TOPICS: 'a', LOCAL_DIR: '.l' })).toEqual(
    [],
  )
})
