// Rows that a chain cannot go on with, because a function of the query throws or gives what its column does not take. Each is set
// aside with a dead letter before anything is written, and the batch is run again without it (run/faulty-rows.ts).

import type { Coordinates } from '../../event/located-row.ts'
import type { Refusal } from '../held/refusal.ts'
import type { PlanRow } from '../plan/plan.ts'

/** A row that an operator made, and that was refused on its way on. */
export interface DerivedFault {
  readonly id: string
  readonly row: PlanRow
  readonly refusal: Refusal
}

export class ChainFaults {
  /** Rows that were delivered, by their ids. */
  readonly rows = new Map<string, { readonly at: Coordinates; readonly refusal: Refusal }>()
  /** By the operator's number and the row's id: operators one after the other may give rows of one id. */
  readonly derived = new Map<string, DerivedFault>()
  /** Keys of derived rows that were set aside before. */
  readonly skipped: ReadonlySet<string>

  constructor(skipped: ReadonlySet<string> = new Set()) {
    this.skipped = skipped
  }

  get isEmpty(): boolean {
    return this.rows.size === 0 && this.derived.size === 0
  }
}
