// How a command that failed is said: what a person can put right in words, anything else is a defect, and its stack is what helps.
import { LocalError } from '../error.ts'
import { printable } from '../terminal.ts'

/** @returns the text for stderr; text from elsewhere in it keeps its lines, and nothing else that a terminal would obey */
export function failureText(error: LocalError): string {
  return error.message
    .split('\n')
    .map((line) => printable(line, 1_000))
    .join('\n')
}

/** Says it on stderr. @returns the exit code: 2 for a command line that is wrong, 1 for the rest */
export function sayFailure(error: unknown): number {
  console.error(error instanceof LocalError ? failureText(error) : error)
  return error instanceof LocalError && error.code === 'COMMAND_INVALID' ? 2 : 1
}
