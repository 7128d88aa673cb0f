// One side of a join of two streams: how its rows are kept and found, and how long they wait.

import type { Column } from '../../../decode/schema.ts'
import { familyMark } from '../../../state/shards/due-times.ts'
import type { JoinStep } from '../../plan/joins/join-step.ts'
import type { PlanRow } from '../../plan/plan.ts'
import { type RowCodec, rowCodec } from '../kept-row.ts'
import { timeOf } from '../time-of.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

/** A row that waits for others. */
export interface Waiting {
  readonly side: 'left' | 'right'
  readonly row: PlanRow
  /** The row's own, a part of the ids of what it comes out in. */
  readonly id: string
  readonly isMatched: boolean
}

export interface JoinSide {
  readonly side: Waiting['side']
  /** Whether its rows come out that no other matches. */
  readonly isOuter: boolean
  readonly codec: RowCodec
  /** The values that others are found by, as one text; null for a row that none can match. */
  keyOf(row: PlanRow): string | null
  /** When the row is late; null where it never is. */
  eventTimeOf(row: PlanRow): number | null
  /** What a range is measured by. */
  rangeTimeOf(row: PlanRow): number | null
  /** The least bound at which none can match the row any more; infinite where others always can. */
  endOf(row: PlanRow): number
}

export function joinSide(
  { type, pairs, bound, range }: JoinStep,
  side: Waiting['side'],
  columns: Columns,
  eventTime: string | null,
): JoinSide {
  const isOtherTimed = side === 'left' ? bound?.isRightTimed : bound?.isLeftTimed
  const names = pairs.map(([left, right]) => (side === 'left' ? left : right))
  const keys = names.map((name) => ({ name, type: columns.get(name)?.type }))
  const rangeTimeOf = timeOf(range?.[side] ?? null, columns)
  const boundTimeOf = timeOf(bound?.[side] ?? null, columns)
  // Equal times end when they have passed (Spark: `<=`), others when all that could match them have (`<`).
  const waitsMs = bound?.kind === 'range' && range !== null ? 1 + (side === 'left' ? range.afterMs : range.beforeMs) : 0
  return {
    side,
    isOuter: type === 'full' || type === side,
    codec: rowCodec(columns),
    keyOf(row) {
      const values: unknown[] = []
      for (const { name, type } of keys) {
        const value = row[name] ?? null
        if (value === null) return null
        // Both zeros are equal.
        values.push(type?.domain.encode(value === 0 ? 0 : value))
      }
      return JSON.stringify(values)
    },
    eventTimeOf: timeOf(eventTime, columns),
    rangeTimeOf,
    endOf(row) {
      if (isOtherTimed !== true) return Number.POSITIVE_INFINITY
      const timeMs = boundTimeOf(row)
      return timeMs === null ? Number.POSITIVE_INFINITY : timeMs + waitsMs
    },
  }
}

/** Rows of a side with equal keys are found by this name. Rows without a key are found by nobody. */
export const familyName = ({ side }: JoinSide, key: string | null): string => `${key ?? ''}${side}`

/** One entry a row, so that a batch writes what is new and not all rows of a key. */
export const entryOf = (side: JoinSide, key: string | null, { id }: Pick<Waiting, 'id'>): string =>
  `${familyName(side, key)}${familyMark}${id}`
