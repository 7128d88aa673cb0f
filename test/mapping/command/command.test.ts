import { expect, test } from 'vitest'
import { readCliSettings } from '../../../local/cli/service/settings.ts'
import { parseWords } from '../../../mapping/command/command.ts'

const options = { fresh: { type: 'boolean', default: false }, record: { type: 'string' } } as const

test('options and words come out as given', () => {
  const parsed = parseWords('replay', ['FILE'], options, ['--record', 'a.ndjson', 'b.ndjson'])
  expect(parsed.values).toMatchObject({ fresh: false, record: 'a.ndjson' })
  expect(parsed.words).toEqual(['b.ndjson'])
})

test('an unknown option, a missing value and a wrong count of words are refused with where to look', () => {
  const refusals: [readonly string[], readonly string[], RegExp][] = [
    [[], ['--frehs'], /start: Unknown option '--frehs'. Did you mean --fresh\? See: start --help/],
    [[], ['--record'], /start: Option '--record <value>' argument missing/],
    [[], ['stray'], /start takes no words beside its options/],
    [['FUNCTION', 'EVENT.json'], ['tape'], /start takes FUNCTION EVENT.json/],
  ]
  for (const [positionals, words, message] of refusals) {
    expect(() => parseWords('start', positionals, options, words)).toThrow(
      expect.objectContaining({ code: 'COMMAND_INVALID', message: expect.stringMatching(message) }),
    )
  }
})

test('a port that is none is refused by the name of its variable', () => {
  expect(readCliSettings({ KAFKA_PORT: '' }).kafkaPort).toBe(9092)
  expect(readCliSettings({ OFFLINE_LAMBDA_PORT: '13002' }).offlineLambdaPort).toBe(13_002)
  for (const port of ['0', '70000', 'x', '1.5']) {
    expect(() => readCliSettings({ KAFKA_PORT: port })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringContaining('KAFKA_PORT') }),
    )
  }
})
