// The calls of a stateful processor: each sees the variables and the timers of one key, and either counts as a whole or not at all.

import { MicrobatchError } from '../../../error.ts'
import type { StateVariables } from '../../custom-state/state-variable.ts'
import type { StatefulContext } from '../../custom-state/stateful-processor.ts'
import type { TransformWithStateStep } from '../../custom-state/transform-with-state-step.ts'
import { failedFunction, Refusal } from '../../held/refusal.ts'
import type { PlanRow } from '../../plan/plan.ts'
import { RowFault } from '../row-fault.ts'
import type { Entries } from '../stage-operator.ts'
import { type HeldRows, heldRows } from './given-rows.ts'
import type { KeyState } from './key-state.ts'
import { type Current, handleOf } from './state-handles.ts'

/** What a key keeps at most, as JSON: it is one line of the log, whose pieces are 350 kB. */
export const maxStateBytes = 262_144

/** The key and the times of a call. */
export interface Call extends Current {
  readonly entries: Entries<KeyState>
  readonly watermarkMs: number | null
  /** The time that timers go by has come so far; a timer that is not above it is due at `laterMs`. */
  readonly reachedMs: number
  readonly laterMs: number
  /** Times of rows that are given are above it. */
  readonly aboveMs: number
}

export type Called = 'handleInput' | 'handleExpiredTimer'

export type Run = (context: StatefulContext<StateVariables>) => unknown

/** @returns what the call gave, once its changes are within bounds; they are still to be committed, or taken back */
export function processorCalls(
  { variables, timeMode, eventTimeColumn }: TransformWithStateStep,
  output: Parameters<typeof heldRows>[0],
) {
  const heldOf = (what: Called): HeldRows => heldRows(output, eventTimeColumn, `the function of ${what}`)
  const held = { handleInput: heldOf('handleInput'), handleExpiredTimer: heldOf('handleExpiredTimer') }
  let call: Call | null = null
  const current = (): Call => {
    if (call === null) throw new TypeError('The state of a key is there while its function runs, and not afterwards.')
    return call
  }
  const requireTimers = (expiryMs: number): void => {
    if (timeMode === 'none') throw new TypeError('there are no timers with timeMode none')
    if (!Number.isSafeInteger(expiryMs))
      throw new TypeError(`a timer is for epoch milliseconds, and not for ${expiryMs}`)
  }
  const context: StatefulContext<StateVariables> = {
    state: Object.fromEntries(
      variables.map(([name, variable], at) => [name, handleOf(name, variable, at, current)]),
    ) as never,
    registerTimer(expiryMs) {
      requireTimers(expiryMs)
      const { state, entries, reachedMs, laterMs } = current()
      const dueMs = expiryMs > reachedMs ? expiryMs : laterMs
      if (state.addTimer({ expiryMs, dueMs })) entries.count('numRegisteredTimers')
    },
    deleteTimer(expiryMs) {
      requireTimers(expiryMs)
      const { state, entries } = current()
      if (state.removeTimer(expiryMs)) entries.count('numDeletedTimers')
    },
    listTimers: () =>
      Array.from(current().state.timers, ({ expiryMs }) => expiryMs).sort((left, right) => left - right),
    get currentWatermarkMs() {
      return current().watermarkMs
    },
    get currentProcessingTimeMs() {
      return current().nowMs
    },
  }
  return (given: Call, what: Called, run: Run): readonly PlanRow[] | Refusal => {
    const answer = within(given, what, run)
    call = null
    if (answer instanceof Refusal) given.state.rollback()
    return answer
  }

  function within(given: Call, what: Called, run: Run): readonly PlanRow[] | Refusal {
    call = given
    const { state, aboveMs } = given
    try {
      const rows = held[what](run(context), aboveMs)
      if (state.bytes <= maxStateBytes || !state.isChanged || rows instanceof Refusal) return rows
      return new Refusal('STATE_TOO_LONG', `the key would keep ${state.bytes} bytes, allowed: ${maxStateBytes}`)
    } catch (cause) {
      if (cause instanceof RowFault) return cause.refusal
      if (cause instanceof MicrobatchError && cause.code === 'STATE_INCOMPATIBLE') throw cause
      return failedFunction(what, cause)
    }
  }
}
