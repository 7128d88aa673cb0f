// `join` of two streams as a function from plan to plan, and its checks. The other side's sources are read beside the plan's own, and
// their rows come in at the stage that joins them.

import { windowDurationMs } from '../../../aggregate/duration.ts'
import type { OutputMode } from '../../../aggregate/output-mode.ts'
import type { Column } from '../../../decode/schema.ts'
import { refuse } from '../../../error.ts'
import { type Plan, requireTimestamp } from '../plan.ts'
import { takenUp } from '../sources.ts'
import { isStateful, withoutTable, withStage } from '../stages/staged.ts'
import { equalPairs, joinedNames, namesOfMerged } from './join-columns.ts'
import type { JoinBound, JoinRange, JoinStep, StreamJoinType } from './join-step.ts'

/** What `join` is given, as the plan takes it. */
export interface GivenJoin {
  readonly on: readonly (string | readonly [string, string])[]
  readonly type?: string | undefined
  readonly within?:
    | {
        readonly before?: string | undefined
        readonly after?: string | undefined
        readonly columns?: readonly [string, string] | undefined
      }
    | undefined
  readonly where?: JoinStep['where'] | undefined
  readonly prefix?: string | undefined
}

export function join(given: Plan, other: Plan, options: GivenJoin): Plan {
  const { name } = given
  const type = streamJoinType(name, options.type ?? 'inner')
  if (isStateful(other) || other.after.length > 0 || other.others.some(({ joinedAt }) => joinedAt !== null)) {
    refuse(
      `${name}: the right side of a join takes rows as they come from their sources. Put the stream that is aggregated, joined or ` +
        'without duplicates on the left.',
    )
  }
  const plan = withoutTable(given, 'join')
  withoutTable(other, 'join')
  const pairs = equalPairs(plan, other.columns, options.on)
  const merged = namesOfMerged(options.on)
  const names =
    type === 'leftSemi' ? new Map() : joinedNames(plan, other.columns, { merged, prefix: options.prefix ?? '' })
  const range = rangeOf(plan, other, options.within)
  const bound = boundOf(plan, other, pairs, range)
  const step: JoinStep = {
    kind: 'join',
    type,
    pairs,
    range,
    bound,
    where: options.where ?? null,
    right: { columns: other.columns, eventTime: other.eventTime, names },
    merged,
  }
  // Only where rows of both sides go after a time is there a time that no row is to come before.
  const isEnding = bound?.isLeftTimed === true && bound.isRightTimed
  const eventTime = isEnding ? plan.eventTime : null
  const rightTime = isEnding && other.eventTime !== null ? (names.get(other.eventTime) ?? null) : null
  const joinedAt = plan.stages.length
  const staged = withStage(plan, step, { columns: columnsOf(plan, other, step), eventTime })
  return {
    ...staged,
    otherEventTime: rightTime,
    others: [...plan.others, ...takenUp(plan, other, { what: 'a join', joinedAt })],
  }
}

function streamJoinType(name: string, type: string): StreamJoinType {
  switch (type) {
    case 'inner':
    case 'left':
    case 'right':
    case 'full':
    case 'leftSemi':
      return type
    case 'leftAnti':
      // Spark's words.
      return refuse(`${name}: LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported`)
    default:
      return refuse(
        `${name}: join: the type is ${JSON.stringify(type)}; expected one of inner, left, right, full, leftSemi.`,
      )
  }
}

function rangeOf(plan: Plan, other: Plan, within: GivenJoin['within']): JoinRange | null {
  if (within === undefined) return null
  const [left = plan.eventTime, right = other.eventTime] = within.columns ?? []
  if (left === null || right === null) {
    return refuse(
      `${plan.name}: join: within compares the event times of both sides, and ${left === null ? 'the left' : 'the right'} one has no ` +
        "watermark. Give it one by withWatermark, or name the columns: within: { columns: ['…', '…'] }.",
    )
  }
  requireTimestamp(plan, left)
  requireTimestamp({ ...other, name: plan.name }, right)
  const beforeMs = windowDurationMs(within.before ?? '0 seconds')
  const afterMs = windowDurationMs(within.after ?? '0 seconds')
  if (beforeMs + afterMs < 0) {
    refuse(
      `${plan.name}: join: no time is both ${within.before} before another at the most and ${within.after} after it.`,
    )
  }
  return { left, right, beforeMs, afterMs }
}

/** Times that are equal bound how long rows wait more than a range does. */
function boundOf(plan: Plan, other: Plan, pairs: JoinStep['pairs'], range: JoinRange | null): JoinBound | null {
  const timed = (left: string, right: string) => ({
    left,
    right,
    isLeftTimed: left === plan.eventTime,
    isRightTimed: right === other.eventTime,
  })
  const key = pairs.map(([left, right]) => timed(left, right)).find((pair) => pair.isLeftTimed || pair.isRightTimed)
  if (key !== undefined) return { ...key, kind: 'equal' }
  return range === null ? null : { ...timed(range.left, range.right), kind: 'range' }
}

function columnsOf({ columns }: Plan, other: Plan, { type, right, merged }: JoinStep): Plan['columns'] {
  const isLeftNullable = type === 'right' || type === 'full'
  const isRightNullable = type === 'left' || type === 'full'
  const ofLeft = Array.from(columns, ([name, column]): [string, Column<unknown>] => {
    const same = merged.includes(name) ? other.columns.get(name) : undefined
    if (same === undefined) return [name, isLeftNullable ? column.nullable() : column]
    const isNullable = type === 'right' ? same.isNullable : column.isNullable || (type === 'full' && same.isNullable)
    return [name, isNullable ? column.nullable() : column]
  })
  const ofRight = Array.from(right.names, ([name, as]): [string, Column<unknown>][] => {
    const column = other.columns.get(name)
    return column === undefined ? [] : [[as, isRightNullable ? column.nullable() : column]]
  })
  return new Map([...ofLeft, ...ofRight.flat()])
}

/** Spark's words for the types. */
const sparkNames = { left: 'LeftOuter', right: 'RightOuter', full: 'FullOuter', leftSemi: 'LeftSemi' } as const

/**
 * What a stream refuses of a join, in Spark's words: any mode but append; and a row of which it could never be said that no other will
 * match it.
 * @throws MicrobatchError QUERY_INVALID
 */
export function requireEndingJoins({ stages }: Plan, mode: OutputMode): void {
  for (const { step } of stages) {
    if (step.kind !== 'join') continue
    const { type, bound } = step
    if (mode !== 'append') {
      refuse(
        `Join between two streaming DataFrames/Datasets is not supported in ${mode === 'update' ? 'Update' : 'Complete'} output ` +
          'mode, only in Append output mode',
      )
    }
    const needsLeft = type === 'right' || type === 'full'
    const needsRight = type !== 'inner' && type !== 'right'
    if (type === 'inner' || ((!needsLeft || bound?.isLeftTimed) && (!needsRight || bound?.isRightTimed))) continue
    refuse(
      `Stream-stream ${sparkNames[type]} join between two streaming DataFrame/Datasets is not supported without a watermark in the ` +
        'join keys, or a watermark on the nullable side and an appropriate range condition',
    )
  }
}
