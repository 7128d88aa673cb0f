import { expect, test } from 'vitest'
import { helpText, sharedOptions, sharedVariables, withOptions } from '../../../local/cli/options.ts'

test('options go before their variables, and allowed hosts add up', () => {
  const environment = { KAFKA_BROKERS: 'localhost:1', ALLOW_REMOTE: 'a', OTHER: 'kept' }
  expect(withOptions(environment, { brokers: 'localhost:2', 'allow-remote': ['b', 'c'] })).toEqual({
    KAFKA_BROKERS: 'localhost:2',
    ALLOW_REMOTE: 'a,b,c',
    OTHER: 'kept',
  })
  expect(withOptions({ PARTITIONS: '4' }, {})).toEqual({ PARTITIONS: '4' })
})

test('a help is made of the table', () => {
  const text = helpText({
    usage: 'lag [options]',
    words: [['WORD', 'a word']],
    options: { brokers: sharedOptions.brokers, json: sharedOptions.json },
    variables: ['KAFKA_PORT'],
    notes: 'It tells.',
  })
  expect(text.split('\n')).toEqual([
    'microbatch lag [options]',
    '',
    '  WORD                 a word',
    `  --brokers LIST       ${sharedOptions.brokers.help}`,
    `  --json               ${sharedOptions.json.help}`,
    '',
    'It tells.',
    '',
    'Environment:',
    `  KAFKA_PORT           ${sharedVariables.KAFKA_PORT}`,
  ])
})
