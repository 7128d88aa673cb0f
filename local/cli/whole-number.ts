// Numbers of the command line.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

/**
 * @returns undefined where the option was not given
 * @throws LocalError COMMAND_INVALID saying what the option takes
 * @example wholeNumber('--max', '10', 1) // 10
 */
export function wholeNumber(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new LocalError('COMMAND_INVALID', `${option} takes a whole number from ${least}, not ${text}.`)
}
