// Rows that are larger than what a place takes. They cannot be written by trying again, so the batch goes on without them, each being a
// dead letter; or it fails with words about which row it is.

import { MicrobatchError } from '../error.ts'
import { type DeadLetter, type DeadLetterSink, groupLetterOf } from './dead-letter.ts'
import type { EmittedRow, OversizedRow, SinkCall } from './sink.ts'

/**
 * What becomes of a row that is too large: it becomes a dead letter of the query's, or one in a place of its own, with the reason
 * VALUE_TOO_LONG or KEY_TOO_LONG and its beginning as JSON, and the batch goes on; or the batch fails, and comes again until the limit is
 * raised.
 */
export type Oversized = 'deadLetter' | 'fail' | DeadLetterSink

export interface OversizedPlace {
  readonly query: string
  /** For messages: `the topic bars`. */
  readonly place: string
  readonly policy: Oversized
  readonly call: SinkCall | undefined
}

/** The rows of one batch that are too large. */
export class OversizedRows {
  readonly #at: OversizedPlace
  #found: OversizedRow[] = []

  constructor(at: OversizedPlace) {
    this.#at = at
  }

  /** @throws MicrobatchError SINK_FAILED where the policy is to fail, or nobody takes the row */
  add(emitted: EmittedRow<object>, bytes: number, maxBytes: number, part: 'row' | 'key' = 'row'): void {
    const size =
      part === 'row' ? `the row ${emitted.id.slice(0, 200)} has` : `the key of the row ${emitted.id.slice(0, 200)} has`
    const detail = `${size} ${bytes} bytes, ${this.#at.place} takes ${maxBytes}`
    this.refuse({ emitted, reason: part === 'row' ? 'VALUE_TOO_LONG' : 'KEY_TOO_LONG', detail, maxBytes })
  }

  /** The same in the words of the place itself. @throws as `add` */
  refuse(row: OversizedRow): void {
    const { policy, call } = this.#at
    if (policy === 'fail' || (policy === 'deadLetter' && call === undefined)) {
      const remedy = 'Raise the limit where that goes, select fewer columns, or give the sink "oversized" dead letters.'
      throw new MicrobatchError('SINK_FAILED', `${row.detail}. ${remedy}`)
    }
    this.#found.push(row)
  }

  /**
   * Sets aside the rows of parts, such as files, whose key is too long. Resolves when their letters are safe.
   * @returns the other parts
   */
  async without<Part>(
    parts: readonly Part[],
    sizeOf: (part: Part) => {
      readonly rows: readonly EmittedRow<object>[]
      readonly bytes: number
      readonly maxBytes: number
    },
  ): Promise<readonly Part[]> {
    const fitting = parts.filter((part) => {
      const { rows, bytes, maxBytes } = sizeOf(part)
      if (bytes > maxBytes) for (const emitted of rows) this.add(emitted, bytes, maxBytes, 'key')
      return bytes <= maxBytes
    })
    await this.setAside()
    return fitting
  }

  /** Resolves when the letters of those that were added since the last time are safe. */
  async setAside(): Promise<void> {
    const found = this.#found
    if (found.length === 0) return
    this.#found = []
    const { query, policy, call } = this.#at
    if (typeof policy === 'object') await policy.send(found.map((row) => oversizedLetter(query, row)))
    else await call?.setAside(found)
  }
}

/** @example oversizedLetter('bars', row).reason // 'VALUE_TOO_LONG' */
export const oversizedLetter = (query: string, { emitted: { id, row }, reason, detail }: OversizedRow): DeadLetter =>
  groupLetterOf({ query, topic: '', id, row }, reason, detail)
