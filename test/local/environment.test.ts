import { expect, test } from 'vitest'
import { readEnvironment } from '../../local/environment.ts'

test('brokers, allowed hosts and the recording come from three variables; empty is unset', () => {
  const environment = readEnvironment({
    KAFKA_BROKERS: 'localhost:1,localhost:2',
    ALLOW_REMOTE: 'kafka',
    RECORD_FILE: '',
  })
  expect(environment).toEqual({
    kafkaBrokers: ['localhost:1', 'localhost:2'],
    kafkaSecurity: {},
    allowedHosts: new Set(['kafka']),
    recordFile: undefined,
  })
})

test('a broker without a port is refused, naming the variable', () => {
  expect(() => readEnvironment({ KAFKA_BROKERS: 'localhost' })).toThrow(/KAFKA_BROKERS/)
})
