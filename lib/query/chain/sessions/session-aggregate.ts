// Session windows: the rows of a group whose times, up to their gaps, touch or overlap are one session, and go on as one row when
// event time has passed its end. Each open session is an entry of its own; an index by group says when its sessions begin, so that
// a row finds those that it touches, and a group may have many open.

import type { Accumulators } from '../../../aggregate/aggregation.ts'
import { groupId } from '../../../state/items/names.ts'
import { windowEndOf } from '../../../state/protocol/fold/fold.ts'
import { withResults } from '../../aggregation/grouping.ts'
import { argumentGuard } from '../../held/held-argument.ts'
import { Refusal } from '../../held/refusal.ts'
import type { PlanRow } from '../../plan/plan.ts'
import type { SessionAggregateStep } from '../../plan/stages/stage.ts'
import { derivedPlace } from '../derived-place.ts'
import { inAggregate, RowFault } from '../row-fault.ts'
import type { Entries, Located, StageEmit, StageOperator } from '../stage-operator.ts'
import { timeOf } from '../time-of.ts'
import type { KeptSessions, Session } from './kept-sessions.ts'
import { sessionAggregation } from './session-aggregation.ts'
import { OpenSessions } from './session-entries.ts'
import { type Interval, intervalOf, isWindow } from './session-interval.ts'
import { sessionText } from './session-text.ts'
import { TouchedGroups } from './touched-groups.ts'

/** Sessions of one group that are open at a time: the index of them says where each of its leaves begins, in one line. */
const maxOpenSessions = 30_000

/** @param maxOpen of a group: a row that would begin one more is set aside */
export function sessionAggregateOperator(
  step: SessionAggregateStep,
  lagMs: number,
  maxOpen = maxOpenSessions,
): StageOperator<KeptSessions> {
  const { session, aggregation: grouping } = step
  const { aggregation, key, fingerprint, parts, at } = sessionAggregation(step)
  const interval = intervalOf(session, grouping.input)
  const isNoArgument = argumentGuard({ aggregation: grouping })
  const blank = Object.fromEntries([...grouping.order, ...aggregation.columns.keys()].map((name) => [name, null]))
  const never = Number.POSITIVE_INFINITY
  const finalTime = timeOf(grouping.finalBy, grouping.input)
  const groups = new TouchedGroups()
  // The last moment of a window is before its end, which event time reaches.
  const untilEndMs = lagMs + (isWindow(session.column, grouping.input) ? 1 : 0)

  /** When nothing more can come into a session; a group by the event time itself ends at that. */
  const dueOf = ({ endMs }: Interval, row: PlanRow): number => {
    const { finalBy } = grouping
    if (finalBy === null) return never
    if (finalBy === session.column) return endMs + untilEndMs
    const time = finalTime(row)
    return time === null ? never : time + lagMs
  }
  const given = (text: string, { startMs, endMs, acc }: Session): PlanRow | Refusal => {
    const row: Record<string, unknown> = { ...blank }
    key.fill(row, key.lookupOf(text))
    row[session.name] = { start: startMs, end: endMs }
    return withResults(aggregation, row, acc)
  }
  const give = (text: string, kept: Session, emit: StageEmit): void => {
    const id = groupId({ key: `${kept.startMs} ${text}`, windowEndMs: windowEndOf(kept.endMs) })
    emit(given(text, kept), id, derivedPlace(kept.endMs))
  }
  /** All sessions, or those of a group, in the order of their ends. */
  const giveAll = (entries: Entries<KeptSessions>, emit: StageEmit, group?: string): void => {
    const open = new OpenSessions(entries)
    for (const [text, kept] of group === undefined ? open.inOrder() : open.ofGroup(group)) give(text, kept, emit)
  }

  return {
    // What Spark's progress says; it gives this operator no name.
    name: 'defaultName',
    fingerprint,
    parts,
    isTimed: true,
    countsItself: true,
    lagMs,
    keyOf: ({ row }) => key.of(row),
    lateFor({ row }, boundMs) {
      const own = intervalOrNull(row)
      if (own === null || dueOf(own, row) > boundMs) return null
      return { key: `${own.startMs} ${key.of(row)}`, windowEndMs: windowEndOf(own.endMs) }
    },
    apply({ row, at: place }, entries) {
      const own = interval(row)
      if (own === null) return
      const refusal = isNoArgument(row, place)
      if (refusal !== null) throw new RowFault(refusal)
      const group = groups.touch(entries, key.lookup(row), key.text)
      const touched = group.touchedBy(own)
      if (touched.length === 0 && group.index.size >= maxOpen) throw new RowFault(tooMany(session.name, maxOpen))
      const merged = mergedWith(touched, own)
      const acc = folded(merged.acc, { row, at: at(own.startMs, place) })
      group.replace(touched, { startMs: merged.startMs, endMs: merged.endMs, acc }, dueOf(merged, row))
    },
    advance(boundMs, entries, emit) {
      if (boundMs === never) return giveAll(entries, emit)
      for (const [text, kept] of new OpenSessions(entries).takeEnded(boundMs)) {
        entries.countRemoved()
        give(text, kept, emit)
      }
    },
    table: giveAll,
    ...sessionText(aggregation),
  }

  /** A row whose gap fails is not late: it is set aside when it is applied. */
  function intervalOrNull(row: PlanRow): Interval | null {
    try {
      return interval(row)
    } catch (cause) {
      if (cause instanceof RowFault) return null
      throw cause
    }
  }

  function mergedWith(touched: readonly Session[], own: Interval): Session {
    const [last, ...before] = touched
    if (last === undefined) return { ...own, acc: aggregation.init() }
    return {
      startMs: Math.min(own.startMs, touched.at(-1)?.startMs ?? own.startMs),
      endMs: Math.max(own.endMs, last.endMs),
      acc: before.reduce((acc, one) => inAggregate(() => aggregation.merge(one.acc, acc)), last.acc),
    }
  }

  function folded(acc: Accumulators, row: Located): Accumulators {
    return inAggregate(() => aggregation.add(acc, row))
  }
}

const tooMany = (name: string, maxOpen: number): Refusal =>
  new Refusal(
    'TOO_MANY_SESSIONS',
    `the group has ${maxOpen} sessions \`${name}\` open, and the row would begin another`,
  )
