// Rows that are larger than what a place takes. They cannot be written by trying again, so the batch either fails with words about
// which row it is, or goes on without it, the row being a dead letter.

import { MicrobatchError } from '../error.ts'
import { type DeadLetter, type DeadLetterSink, groupLetterOf } from './dead-letter.ts'
import type { EmittedRow } from './sink.ts'

/**
 * What becomes of a row that is too large: the batch fails, and comes again until the limit is raised; or the row becomes a dead
 * letter with the reason VALUE_TOO_LONG and its beginning as JSON, and the batch goes on.
 */
export type Oversized = 'fail' | DeadLetterSink

interface Found {
  readonly emitted: EmittedRow<object>
  readonly bytes: number
}

/** The rows of one batch that are too large. */
export class OversizedRows {
  readonly #query: string
  /** Where they would have gone, and how large a row may be there: `the topic bars takes 900000 bytes`. */
  readonly #limit: string
  readonly #policy: Oversized
  readonly #found: Found[] = []

  constructor(query: string, limit: string, policy: Oversized) {
    this.#query = query
    this.#limit = limit
    this.#policy = policy
  }

  /** @throws MicrobatchError SINK_FAILED where the policy is to fail */
  add(emitted: EmittedRow<object>, bytes: number): void {
    if (this.#policy === 'fail') {
      const problem = `the row ${emitted.id.slice(0, 200)} has ${bytes} bytes, ${this.#limit}.`
      const remedy = 'Raise the limit where that goes, select fewer columns, or give the sink "oversized" dead letters.'
      throw new MicrobatchError('SINK_FAILED', `${problem} ${remedy}`)
    }
    this.#found.push({ emitted, bytes })
  }

  /** Resolves when their letters are safe. */
  async setAside(): Promise<void> {
    if (this.#policy === 'fail' || this.#found.length === 0) return
    await this.#policy.send(this.#found.map((found) => this.#letter(found)))
  }

  #letter({ emitted: { id, row }, bytes }: Found): DeadLetter {
    const group = { query: this.#query, topic: '', id, row }
    return groupLetterOf(group, 'VALUE_TOO_LONG', `the row has ${bytes} bytes, ${this.#limit}`)
  }
}
