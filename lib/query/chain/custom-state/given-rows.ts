// The rows that a stateful processor gave, held to the columns that it declared. One that is none of its columns' refuses the call as a
// whole: nothing of it counts.

import type { Column } from '../../../decode/schema.ts'
import { valueText } from '../../../types/text/value-text.ts'
import { type Holder, holderOf } from '../../held/held-value.ts'
import { Refusal } from '../../held/refusal.ts'
import type { PlanRow } from '../../plan/plan.ts'
import { wholeRowGuard } from '../../read/row-guard.ts'

/** What one call may give. */
export const maxGivenRows = 100_000

/**
 * @param what the function that gave them, for dead letters
 * @param aboveMs an event time of a row is above it: what follows has been told that nothing below it comes
 */
export type HeldRows = (given: unknown, what: string, aboveMs: number) => readonly PlanRow[] | Refusal

export function heldRows(columns: ReadonlyMap<string, Column<unknown>>, eventTime: string | null): HeldRows {
  const isTooLong = wholeRowGuard(columns)
  const holders = new Map<string, readonly (readonly [name: string, hold: Holder])[]>()
  const holdersFor = (what: string) => {
    const known =
      holders.get(what) ?? Array.from(columns, ([name, column]) => [name, holderOf(name, column, what)] as const)
    holders.set(what, known)
    return known
  }
  return (given, what, aboveMs) => {
    if (given === undefined || given === null) return []
    if (!isIterable(given))
      return wrong(`expected rows in an array or a generator, got ${valueText(given)} from ${what}`)
    const rows: PlanRow[] = []
    for (const one of given) {
      if (typeof one !== 'object' || one === null) return wrong(`expected rows, got ${valueText(one)} from ${what}`)
      if (rows.length === maxGivenRows)
        return new Refusal('TOO_MANY_ROWS', `${what} gave more than ${maxGivenRows} rows`)
      const row: Record<string, unknown> = {}
      for (const [name, hold] of holdersFor(what)) {
        const held = hold((one as PlanRow)[name])
        if (held instanceof Refusal) return held
        row[name] = held
      }
      const time = eventTime === null ? null : row[eventTime]
      if (typeof time === 'number' && time <= aboveMs) {
        const detail = `column ${eventTime}: ${time} of a row from ${what} is not above ${aboveMs}, which event time has reached`
        return new Refusal('EVENT_TIME_INVALID', detail)
      }
      const tooLong = isTooLong(row)
      if (tooLong !== null) return tooLong
      rows.push(row)
    }
    return rows
  }
}

const wrong = (detail: string): Refusal => new Refusal('WRONG_SHAPE', detail)

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value
