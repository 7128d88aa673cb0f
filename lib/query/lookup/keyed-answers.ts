// The answers of a static side that is asked by key, with a cache in the container that says how old they may be.

import type { Column } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { LookupAnswers, LookupBatch } from './lookup-answers.ts'
import { valuesText } from './lookup-rows.ts'

interface Answer {
  readonly rows: readonly PlanRow[]
  readonly askedMs: number
}

interface KeyedOptions {
  readonly columns: ReadonlyMap<string, Column<unknown>>
  readonly key: readonly string[]
  readonly maxAgeMs: number
  readonly maxEntries: number
}

export const notInBatch =
  'runBatch cannot wait for a lookup. Give it staticRows, or run the query with testDriver or topicBatch.'

export class KeyedAnswers implements LookupAnswers {
  readonly #ask: (keys: readonly PlanRow[]) => Promise<readonly PlanRow[]>
  readonly #options: KeyedOptions
  readonly #textOf: (row: PlanRow) => string | null
  /** The one that was asked for longest ago first. */
  readonly #cache = new Map<string, Answer>()
  #batch: LookupBatch | null = null

  constructor(ask: (keys: readonly PlanRow[]) => Promise<readonly PlanRow[]>, options: KeyedOptions) {
    this.#ask = ask
    this.#options = options
    this.#textOf = valuesText(options.columns, options.key)
  }

  enter(batch: LookupBatch | null): void {
    this.#batch = batch
  }

  find(_: readonly string[], text: string, key: PlanRow): readonly PlanRow[] {
    const batch = this.#batch
    if (batch === null) {
      return refuse(notInBatch)
    }
    const rows = batch.held.get(text) ?? this.#cached(text, batch.nowMs)
    if (rows === undefined) {
      batch.missing.set(text, key)
      return []
    }
    batch.held.set(text, rows)
    return rows
  }

  #cached(text: string, nowMs: number): readonly PlanRow[] | undefined {
    const answer = this.#cache.get(text)
    if (answer === undefined || nowMs - answer.askedMs > this.#options.maxAgeMs) return undefined
    this.#cache.delete(text)
    this.#cache.set(text, answer)
    return answer.rows
  }

  async load({ nowMs, held, missing }: LookupBatch): Promise<void> {
    const found = new Map<string, PlanRow[]>([...missing.keys()].map((text) => [text, []]))
    for (const row of await this.#ask([...missing.values()])) {
      const text = this.#textOf(row)
      // Rows of other keys are nobody's answer.
      if (text !== null) found.get(text)?.push(row)
    }
    for (const [text, rows] of found) {
      held.set(text, rows)
      this.#cache.delete(text)
      this.#cache.set(text, { rows, askedMs: nowMs })
    }
    for (const text of this.#cache.keys()) {
      if (this.#cache.size <= this.#options.maxEntries) break
      this.#cache.delete(text)
    }
  }
}
