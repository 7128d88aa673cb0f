// Thrown by a destination that took some of the discarded records, and not these.

import { messageOf } from '../error.ts'

/** @example throw new UndeliveredError(1, error) */
export class UndeliveredError extends Error {
  override readonly name = 'UndeliveredError'
  /** How many records were not taken; the others were. */
  readonly count: number

  constructor(count: number, cause: unknown) {
    super(`${count} not taken: ${messageOf(cause)}`, { cause })
    this.count = count
  }
}
