// What a command of the command line is: its name, its help, and what it does with its words. Words it does not know are
// refused, never ignored.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { LocalError } from '../error.ts'
import { nearestName } from './nearest-name.ts'

export interface Command {
  readonly name: string
  /** One line for the overview. */
  readonly summary: string
  readonly help: string
  /** @returns the exit code */
  run(words: readonly string[]): Promise<number>
}

/**
 * The words of one command, by Node's own parser.
 * @param positionals what stands beside the options, in order; each must be given once
 * @throws LocalError COMMAND_INVALID for an unknown option, a missing value, too few or too many words
 * @example const { values, words } = parseWords('replay', ['FILE'], { endpoint: { type: 'string' } }, ['a.ndjson'])
 */
export function parseWords<const O extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  positionals: readonly string[],
  options: O,
  words: readonly string[],
) {
  const hint = `See: ${command} --help`
  try {
    const parsed = parseArgs({ args: [...words], options, strict: true, allowPositionals: true })
    if (parsed.positionals.length === positionals.length) return { values: parsed.values, words: parsed.positionals }
  } catch (error) {
    if (!isParseError(error)) throw error
    const problem = `${command}: ${error.message.split('. ')[0]}.${meant(error.message, Object.keys(options))}`
    throw new LocalError('COMMAND_INVALID', `${problem} ${hint}`, { cause: error })
  }
  const expected = positionals.length === 0 ? 'takes no words beside its options' : `takes ${positionals.join(' ')}`
  throw new LocalError('COMMAND_INVALID', `${command} ${expected}. ${hint}`)
}

function meant(message: string, names: readonly string[]): string {
  const [, given] = /^Unknown option '--([^'=]+)/.exec(message) ?? []
  const nearest = given === undefined ? undefined : nearestName(given, names)
  return nearest === undefined ? '' : ` Did you mean --${nearest}?`
}

function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}
