// What a join of two streams is, as a plan has it. Only types; join.ts makes and checks it.

import type { Column } from '../../../decode/schema.ts'

type Columns = ReadonlyMap<string, Column<unknown>>
type Row = Readonly<Record<string, unknown>>

export type StreamJoinType = 'inner' | 'left' | 'right' | 'full' | 'leftSemi'

/** How long rows wait for others: until their times have passed, or those at which others can still match them. */
export interface JoinBound {
  readonly kind: 'equal' | 'range'
  readonly left: string
  readonly right: string
  /** Whether it is the event time of its side, which a watermark follows. */
  readonly isLeftTimed: boolean
  readonly isRightTimed: boolean
}

export interface JoinRange {
  readonly left: string
  readonly right: string
  readonly beforeMs: number
  readonly afterMs: number
}

export interface JoinStep {
  readonly kind: 'join'
  readonly type: StreamJoinType
  /** The columns that are equal. */
  readonly pairs: readonly (readonly [left: string, right: string])[]
  /** The time of the right side lies so many milliseconds before that of the left at the most, or after it. */
  readonly range: JoinRange | null
  /** Null where rows wait for ever. */
  readonly bound: JoinBound | null
  readonly where: ((left: Row, right: Row) => unknown) | null
  readonly right: {
    /** The columns of its rows, and which of them has the event time. */
    readonly columns: Columns
    readonly eventTime: string | null
    /** What its columns are called behind the join, those that are there. */
    readonly names: ReadonlyMap<string, string>
  }
  /** Columns that both sides have as one, by their names on both. */
  readonly merged: readonly string[]
}
