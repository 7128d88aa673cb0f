// transformWithState: an operator that a query's author wrote. Rows are handled one by one in the order of the log, and not as the batch
// brings them: a batch that comes again with other boundaries would bring them otherwise. Timers fire in the order of their times, in
// the append that takes event time, or processing time, past them.

import { type GroupKey, groupKey } from '../../../aggregate/group-key.ts'
import { type Coordinates, coordinatesOf } from '../../../event/located-row.ts'
import type { TransformWithStateStep } from '../../custom-state/transform-with-state-step.ts'
import { Refusal } from '../../held/refusal.ts'
import type { PlanRow } from '../../plan/plan.ts'
import type { Stage } from '../../plan/stages/stage.ts'
import { derivedPlace } from '../derived-place.ts'
import { RowFault } from '../row-fault.ts'
import { type Entries, idOf, type StageEmit, type StageOperator } from '../stage-operator.ts'
import { lateByTime, timeOf } from '../time-of.ts'
import { maxGivenRows } from './given-rows.ts'
import type { KeyState } from './key-state.ts'
import { decodeState, emptyState, encodeState } from './key-state-codec.ts'
import { type Call, processorCalls } from './processor-calls.ts'
import { byTime, type Timer } from './timers.ts'
import { variablesForm } from './variables-form.ts'

const never = Number.POSITIVE_INFINITY
const noTime = Number.NEGATIVE_INFINITY

/** Entries that are due by processing time lie so much behind those of event time that no watermark takes them for over. */
const processingMs = 4e15

/** How often timers of a key fire for one step of event time: functions that register the next one each time go on with the next step. */
const maxFired = 10_000

export function transformWithStateOperator(
  step: TransformWithStateStep,
  { input, output, eventTime }: Stage,
  lagMs: number,
): StageOperator<KeyState> {
  const { keys, variables, timeMode, handleInput, handleExpiredTimer } = step
  const isByEvents = timeMode === 'eventTime'
  const key = groupKey<PlanRow>(keys, input)
  const keyOf = keyColumns(step, input)
  const time = timeOf(isByEvents ? eventTime : null, input)
  const callOf = processorCalls(step, output)
  const dueLagMs = isByEvents ? lagMs : processingMs
  let nowMs = 0
  let reachedMs = noTime

  const keep = (text: string, state: KeyState, entries: Entries<KeyState>): void => {
    state.commit()
    if (state.isEmpty) entries.delete(text)
    else entries.set(text, state, state.dueMs + dueLagMs)
  }
  /** @param passedMs a timer that the function registers for no later time than this waits until time goes on */
  const fire = (
    text: string,
    timer: Timer,
    at: Omit<Call, 'reachedMs' | 'aboveMs'>,
    emit: StageEmit,
    passedMs: number,
  ): void => {
    const { state, entries } = at
    const { expiryMs, dueMs } = timer
    state.removeTimer(expiryMs)
    state.commit()
    entries.count('numExpiredTimers')
    const timed = isByEvents ? dueMs : nowMs
    const reached = { reachedMs: passedMs, aboveMs: isByEvents ? dueMs - 1 : reachedMs }
    const rows = callOf({ ...at, ...reached }, 'handleExpiredTimer', (context) =>
      handleExpiredTimer?.(rowOf(key, text), { expiryTimeMs: expiryMs }, context),
    )
    keep(text, state, entries)
    const id = `${text}@${expiryMs}${timed === expiryMs ? '' : `~${timed}`}`
    if (rows instanceof Refusal) emit(rows, id, derivedPlace(timed))
    else for (const [i, row] of rows.entries()) emit(row, `${id}#${i}`, { ...derivedPlace(timed), index: i })
  }

  return {
    name: 'transformWithStateExec',
    ...variablesForm(step, input),
    isTimed: isByEvents,
    lagMs,
    keyOf: ({ row }) => key.of(row),
    lateFor: (row, boundMs) => lateByTime(row, time(row.row), boundMs - lagMs),
    apply(located, entries, emit) {
      const { row, at } = located
      const text = key.of(row)
      const state = entries.get(text) ?? emptyState(variables)
      const timed = isByEvents ? reachedMs : nowMs
      const rows = callOf(
        { state, entries, nowMs, watermarkMs: watermark(), reachedMs: timed, laterMs: timed + 1, aboveMs: reachedMs },
        'handleInput',
        (context) => handleInput(keyOf(row), row, context),
      )
      if (rows instanceof Refusal) throw new RowFault(rows)
      // The id of a row of its record is the record's, and its number.
      const isOfRecord = located.id === undefined && at.index === undefined
      try {
        for (let i = 0; i < rows.length; i += 1) {
          const given = rows[i]
          if (given !== undefined) emit(given, isOfRecord ? null : `${idOf(located)}#${i}`, placeOf(at, i))
        }
      } catch (cause) {
        state.rollback()
        throw cause
      }
      if (state.isChanged) keep(text, state, entries)
    },
    advance(boundMs, entries, emit, atMs) {
      if (!isByEvents) return
      nowMs = atMs
      if (boundMs === never) return fireAll(entries, emit)
      const upToMs = boundMs - lagMs
      const at = { entries, nowMs, watermarkMs: upToMs, laterMs: upToMs + 1 }
      const fired = new Map<string, number>()
      for (const [text, state] of entries.takeDue(boundMs)) {
        const timer = firstDue(state, upToMs)
        const count = (fired.get(text) ?? 0) + 1
        fired.set(text, count)
        if (timer === undefined) keep(text, state, entries)
        else fire(text, timer, { ...at, state }, emit, count < maxFired ? timer.dueMs : upToMs)
      }
    },
    tick(atMs, entries, emit, boundMs) {
      nowMs = atMs
      reachedMs = boundMs - lagMs
      if (timeMode !== 'processingTime') return
      for (const [text, state] of entries.takeDue(nowMs + processingMs)) {
        const over = state.sweep(nowMs)
        if (over > 0) entries.count('numValuesRemovedDueToTTLExpiry', over)
        const at = { state, entries, nowMs, watermarkMs: watermark(), laterMs: nowMs + 1 }
        for (let timer = firstDue(state, nowMs); timer !== undefined; timer = firstDue(state, nowMs)) {
          fire(text, timer, at, emit, nowMs)
        }
        keep(text, state, entries)
      }
    },
    encode: (state, layouts) => encodeState(state, layouts?.[0]),
    decode: (encoded, layouts) => decodeState(variables, encoded, layouts?.[0]),
  }

  function watermark(): number | null {
    return Number.isFinite(reachedMs) ? reachedMs : null
  }

  /** The end of a batch: timers that rows have registered, in the order of their times. */
  function fireAll(entries: Entries<KeyState>, emit: StageEmit): void {
    const all = Array.from(entries.all()).flatMap(([text, state]) =>
      Array.from(state.timers, (timer) => ({ text, state, timer })),
    )
    all.sort((left, right) => byTime(left.timer, right.timer) || (left.text < right.text ? -1 : 1))
    for (const { text, state, timer } of all) {
      // Another may have taken it out.
      if (state.timers.at(timer.expiryMs) !== timer) continue
      fire(text, timer, { state, entries, nowMs, watermarkMs: null, laterMs: never }, emit, never)
    }
  }
}

/** The values of a row's grouping columns. */
function keyColumns({ keys }: TransformWithStateStep, input: Stage['input']): (row: PlanRow) => PlanRow {
  const domains = keys.map((name) => [name, input.get(name)?.type.domain] as const)
  return (row) => {
    const key: Record<string, unknown> = {}
    for (const [name, domain] of domains) {
      const value = row[name] ?? null
      key[name] = value === null || domain === undefined ? value : domain.canonical(value)
    }
    return key
  }
}

/** Those that the text of a key has. */
function rowOf(key: GroupKey<PlanRow>, text: string): PlanRow {
  const row: Record<string, unknown> = {}
  key.fill(row, key.lookupOf(text))
  return row
}

/** Rows of one call are told apart by their numbers. */
const placeOf = (at: Coordinates, i: number): Coordinates => coordinatesOf(at, (at.index ?? 0) * maxGivenRows + i)

function firstDue({ timers: { first } }: KeyState, byMs: number): Timer | undefined {
  return first !== undefined && first.dueMs <= byMs ? first : undefined
}
