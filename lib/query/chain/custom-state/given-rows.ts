// The rows that a stateful processor gave, held to the columns that it declared. One that is none of its columns' refuses the call as a
// whole: nothing of it counts.

import type { Column } from '../../../decode/schema.ts'
import { valueText } from '../../../types/text/value-text.ts'
import { holderOf } from '../../held/held-value.ts'
import { Refusal } from '../../held/refusal.ts'
import type { PlanRow } from '../../plan/plan.ts'
import { wholeRowGuard } from '../../read/row-guard.ts'

/** What one call may give. */
export const maxGivenRows = 100_000

/**
 * Holds what a call gave.
 * @param aboveMs an event time of a row is above it: what follows has been told that nothing below it comes
 */
export type HeldRows = (given: unknown, aboveMs: number) => readonly PlanRow[] | Refusal

/** @param what the function that gives the rows, for dead letters */
export function heldRows(
  columns: ReadonlyMap<string, Column<unknown>>,
  eventTime: string | null,
  what: string,
): HeldRows {
  const isTooLong = wholeRowGuard(columns)
  const holders = Array.from(columns, ([name, column]) => ({ name, hold: holderOf(name, column, what) }))
  return (given, aboveMs) => {
    if (given === undefined || given === null) return []
    if (!isIterable(given))
      return wrong(`expected rows in an array or a generator, got ${valueText(given)} from ${what}`)
    const rows: PlanRow[] = []
    for (const one of given) {
      if (typeof one !== 'object' || one === null) return wrong(`expected rows, got ${valueText(one)} from ${what}`)
      if (rows.length === maxGivenRows)
        return new Refusal('TOO_MANY_ROWS', `${what} gave more than ${maxGivenRows} rows`)
      const row: Record<string, unknown> = {}
      for (const { name, hold } of holders) {
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
