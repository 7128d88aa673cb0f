// The stateful operators of a query before its last aggregation, or in its place, as the state protocol drives them: a row goes
// through all of them in one turn, and so does what event time brings out of each. Rows of a query that has stages go to the last
// aggregation, if there is one, and to the sinks otherwise.

import { type Coordinates, rowId } from '../../event/located-row.ts'
import type { ChainTurn, Emit, OperatorChain } from '../../state/protocol/operators/operator-chain.ts'
import { argumentGuard, isGroupedAsRead } from '../held/held-argument.ts'
import { Refusal } from '../held/refusal.ts'
import { compileOperators } from '../operators/row-operators.ts'
import type { AggregationStep, Plan, PlanRow } from '../plan/plan.ts'
import type { Stage } from '../plan/stages/stage.ts'
import { givenGuard, groupingGuard } from '../read/row-guard.ts'
import type { ChainFaults } from './faults.ts'
import { RowFault } from './row-fault.ts'
import type { Entries, Located, StageEmit, StageOperator } from './stage-operator.ts'
import { stageOperator } from './stage-operators.ts'

export interface Chain {
  /** @param faults takes the rows that cannot go on; null where such a row is the caller's error */
  operators(faults: ChainFaults | null): OperatorChain<Located>
  readonly fingerprint: Readonly<Record<string, string>>
  readonly names: readonly string[]
  readonly metrics: readonly (readonly string[])[]
  /** How far behind the watermark the rows that come out may be, milliseconds. */
  readonly lagMs: number
}

/**
 * @param aggregation what the rows go into, and then the operators after the last stage are a part of the chain; null where they go out
 * @param isComplete whether the whole table of the last operator goes out each time
 */
export function compileChain(
  stages: readonly Stage[],
  { aggregation, isComplete = false }: Pick<Plan, 'aggregation'> & { readonly isComplete?: boolean },
): Chain {
  const isLast = aggregation === null
  let lagMs = 0
  const steps = stages.map((stage, slot): Step => {
    const operator = stageOperator(stage, lagMs)
    lagMs = operator.lagMs
    // What comes after the last one is done when rows go out, as for groups.
    const following = isLast && slot === stages.length - 1 ? [] : stage.following
    const keepsTable = isComplete && isLast && slot === stages.length - 1 && operator.table !== undefined
    const next = stages[slot + 1]
    return {
      slot,
      operator,
      keepsTable,
      following: following.length === 0 ? null : compileOperators(following),
      refusalOf:
        next === undefined && aggregation !== null ? groupedGuard(aggregation, stages) : givenGuard(stage, next),
    }
  })
  return {
    names: steps.map(({ operator }) => operator.name),
    metrics: steps.map(({ operator }) => operator.metrics ?? []),
    fingerprint: Object.fromEntries(steps.map(({ slot, operator }) => [`operator ${slot}`, operator.fingerprint])),
    lagMs,
    operators: (faults) => protocolChain(steps, faults),
  }
}

interface Step {
  readonly slot: number
  readonly operator: StageOperator
  /** Event time takes nothing out of a table that is to be complete. */
  readonly keepsTable: boolean
  readonly following: ReturnType<typeof compileOperators> | null
  /** Why a row that it gives cannot be kept by what comes next, or until it is out. */
  refusalOf(row: PlanRow, at: Coordinates): Refusal | null
}

/** What the last aggregation asks of rows, as of those that are read where nothing stands before it. */
function groupedGuard(aggregation: AggregationStep, stages: readonly Stage[]): Step['refusalOf'] {
  const isTooLong = groupingGuard(aggregation)
  if (isGroupedAsRead(stages)) return isTooLong
  const isNoArgument = argumentGuard({ aggregation })
  return (row, at) => isTooLong(row) ?? isNoArgument(row, at)
}

function protocolChain(steps: readonly Step[], faults: ChainFaults | null): OperatorChain<Located> {
  const [first] = steps
  if (first === undefined) throw new TypeError('A chain has one operator at least.')
  let clockMs = 0
  let current: { readonly turn: ChainTurn; readonly entries: readonly Entries<unknown>[] } | null = null
  const entriesOf = (turn: ChainTurn, slot: number): Entries<unknown> => {
    if (current?.turn !== turn) current = { turn, entries: steps.map((step) => slotEntries(turn, step)) }
    return current.entries[slot] ?? slotEntries(turn, steps[slot] ?? first)
  }
  return {
    size: steps.length,
    isTimed: steps.some(({ operator }) => operator.isTimed),
    routing: {
      groupsOf(row, into) {
        into.endsMs[0] = 0
        into.lookups[0] = first.operator.keyOf(row)
        return 1
      },
      keyText: String,
    },
    lateFor: (row, _, boundMs) => (steps[row.joinedAt ?? 0] ?? first).operator.lateFor(row, boundMs),
    apply(row, _, turn, emit) {
      try {
        enter(row.joinedAt ?? 0, row, turn, emit)
      } catch (cause) {
        if (faults === null || !(cause instanceof RowFault)) throw cause
        faults.rows.set(rowId(row.at), { at: row.at, refusal: cause.refusal })
      }
    },
    advance(boundMs, turn, emit, nowMs = clockMs) {
      clockMs = nowMs
      for (const { slot, operator, keepsTable } of steps) {
        if (keepsTable) continue
        operator.advance(boundMs, entriesOf(turn, slot), onward(slot, turn, emit, null), nowMs)
      }
    },
    tick(nowMs, turn, emit, boundMs = Number.NEGATIVE_INFINITY) {
      clockMs = nowMs
      for (const { slot, operator } of steps) {
        operator.tick?.(nowMs, entriesOf(turn, slot), onward(slot, turn, emit, null), boundMs)
      }
    },
    table(turn, emit, key) {
      const last = steps.at(-1)
      last?.operator.table?.(entriesOf(turn, last.slot), onward(last.slot, turn, emit, null), key)
    },
    settle() {},
    write(slot, value, out) {
      const operator = steps[slot]?.operator
      if (operator?.text === undefined) out.text(JSON.stringify(operator?.encode(value)))
      else operator.text.write(value, out)
    },
    decode(slot, encoded) {
      const operator = steps[slot]?.operator
      return operator?.text === undefined ? operator?.decode(JSON.parse(encoded)) : operator.text.read(encoded)
    },
  }

  /** A row into an operator; behind the last one, out. */
  function enter(slot: number, row: Located, turn: ChainTurn, emit: Emit<Located>): void {
    const step = steps[slot]
    if (step === undefined) return
    step.operator.apply(row, entriesOf(turn, slot), onward(slot, turn, emit, row))
  }

  /** @param cause the delivered row that the operator was given; null where time was */
  function onward(slot: number, turn: ChainTurn, emit: Emit<Located>, cause: Located | null): StageEmit {
    const step = steps[slot]
    const following = step?.following ?? null
    const pass: StageEmit = (given, id, at) => {
      const row = given instanceof Refusal || following === null ? given : following(given, clockMs)
      if (row === undefined) return
      if (row instanceof Refusal) throw new RowFault(row)
      // Batch mode keeps nothing, and has nowhere to set a row aside.
      const refusal = faults === null ? null : step?.refusalOf(row, at)
      if (refusal instanceof Refusal) throw new RowFault(refusal)
      if (slot === steps.length - 1) emit({ row, at }, id)
      else enter(slot + 1, { row, at, id }, turn, emit)
    }
    // What a delivered row came to is its own fault; what time brought is set aside by itself.
    if (cause !== null || faults === null) return pass
    return (given, id, at) => {
      const name = `${slot} ${id}`
      if (faults.skipped.has(name)) return
      try {
        pass(given, id, at)
      } catch (fault) {
        if (!(fault instanceof RowFault)) throw fault
        faults.derived.set(name, { id, row: given instanceof Refusal ? {} : given, refusal: fault.refusal })
      }
    }
  }
}

/** The entries of one operator in a turn. */
function slotEntries(turn: ChainTurn, { slot, operator, keepsTable }: Step): Entries<unknown> {
  const isCounted = operator.countsItself !== true
  return {
    get: (key) => turn.get(slot, key),
    set: (key, value, dueMs) => turn.set(slot, key, value, keepsTable ? undefined : dueMs, isCounted),
    boundMs: turn.boundMs,
    replace: (key, value) => turn.replace(slot, key, value),
    delete: (key, isRemoval = true) => turn.delete(slot, key, isRemoval && isCounted),
    family: (name) => turn.family(slot, name),
    takeDue: (byMs) => turn.takeDue(slot, byMs),
    all: () => turn.entries(slot),
    count: (metric, by) => turn.count(slot, metric, by),
    countUpdated: (by) => turn.countUpdated(slot, by),
    countRemoved: (by) => turn.countRemoved(slot, by),
  }
}
