// The answers of a static side whose rows are all there, or are loaded all together, and again when they are too old.

import type { Column } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { PlanRow } from '../plan/plan.ts'
import { notInBatch } from './keyed-answers.ts'
import type { LookupAnswers, LookupBatch } from './lookup-answers.ts'
import { valuesText } from './lookup-rows.ts'

/** The key of the one answer. */
const everyRow = ''

export class WholeAnswers implements LookupAnswers {
  readonly #columns: ReadonlyMap<string, Column<unknown>>
  readonly #load: (() => Promise<readonly PlanRow[]>) | null
  readonly #maxAgeMs: number
  #rows: readonly PlanRow[] | null
  #loadedMs = Number.NEGATIVE_INFINITY
  #batch: LookupBatch | null = null
  readonly #indexes = new WeakMap<readonly PlanRow[], Map<string, ReadonlyMap<string, readonly PlanRow[]>>>()

  constructor(
    columns: ReadonlyMap<string, Column<unknown>>,
    rows: readonly PlanRow[] | (() => Promise<readonly PlanRow[]>),
    maxAgeMs = Number.POSITIVE_INFINITY,
  ) {
    this.#columns = columns
    this.#load = typeof rows === 'function' ? rows : null
    this.#rows = typeof rows === 'function' ? null : rows
    this.#maxAgeMs = maxAgeMs
  }

  enter(batch: LookupBatch | null): void {
    this.#batch = batch
  }

  find(columns: readonly string[], text: string): readonly PlanRow[] {
    const rows = this.#rowsNow()
    return rows === undefined ? [] : (this.#indexOf(rows, columns).get(text) ?? [])
  }

  #rowsNow(): readonly PlanRow[] | undefined {
    const batch = this.#batch
    if (this.#load === null) return this.#rows ?? []
    if (batch === null) return refuse(notInBatch)
    const isFresh = this.#rows !== null && batch.nowMs - this.#loadedMs <= this.#maxAgeMs
    const rows = batch.held.get(everyRow) ?? (isFresh ? (this.#rows ?? undefined) : undefined)
    if (rows === undefined) batch.missing.set(everyRow, {})
    else batch.held.set(everyRow, rows)
    return rows
  }

  #indexOf(rows: readonly PlanRow[], columns: readonly string[]): ReadonlyMap<string, readonly PlanRow[]> {
    const indexes = this.#indexes.get(rows) ?? new Map()
    this.#indexes.set(rows, indexes)
    const name = columns.join()
    let index = indexes.get(name)
    if (index === undefined) {
      const textOf = valuesText(this.#columns, columns)
      index = Map.groupBy(
        rows.filter((row) => textOf(row) !== null),
        (row) => textOf(row) ?? '',
      )
      indexes.set(name, index)
    }
    return index
  }

  async load({ nowMs, held }: LookupBatch): Promise<void> {
    const rows = (await this.#load?.()) ?? []
    this.#rows = rows
    this.#loadedMs = nowMs
    held.set(everyRow, rows)
  }
}
