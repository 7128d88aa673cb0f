// The stateful operators of a query before its last aggregation, or in its place, as the state protocol drives them: a row goes
// through all of them in one turn, and so does what event time brings out of each. Rows of a query that has stages go to the last
// aggregation, if there is one, and to the sinks otherwise.

import { type Coordinates, rowId } from '../../event/located-row.ts'
import type { KeptForm } from '../../state/protocol/evolution/kept-parts.ts'
import type { ChainTurn, Emit, OperatorChain } from '../../state/protocol/operators/operator-chain.ts'
import type { RowBlocks } from '../../state/protocol/operators/row-block.ts'
import { argumentGuard, isGroupedAsRead } from '../held/held-argument.ts'
import { Refusal } from '../held/refusal.ts'
import { compileOperators } from '../operators/row-operators.ts'
import type { AggregationStep, Plan, PlanRow } from '../plan/plan.ts'
import type { Stage } from '../plan/stages/stage.ts'
import { givenGuard, groupingGuard } from '../read/row-guard.ts'
import type { ChainFaults } from './faults.ts'
import { rowBlocks } from './row-blocks.ts'
import { RowFault } from './row-fault.ts'
import { slotEntries } from './slot-entries.ts'
import type { Entries, Located, StageEmit, StageOperator } from './stage-operator.ts'
import { stageOperator } from './stage-operators.ts'

export interface Chain {
  /** @param faults takes the rows that cannot go on; null where such a row is the caller's error */
  operators(faults: ChainFaults | null): OperatorChain<Located>
  readonly fingerprint: Readonly<Record<string, string>>
  /** By entry of the fingerprint: what may come and go. */
  readonly parts: ReadonlyMap<string, KeptForm>
  readonly names: readonly string[]
  readonly metrics: readonly (readonly string[])[]
  /** How far behind the watermark the rows that come out may be, milliseconds. */
  readonly lagMs: number
}

/**
 * @param aggregation what the rows go into, and then the operators after the last stage are a part of the chain; null where they go out
 * @param isComplete whether the whole table of the last operator goes out each time
 * @param mayLack whether rows that a version before has given may lack a column
 */
export function compileChain(
  stages: readonly Stage[],
  {
    aggregation,
    isComplete = false,
    mayLack = false,
  }: Pick<Plan, 'aggregation'> & { readonly isComplete?: boolean; readonly mayLack?: boolean },
): Chain {
  const isLast = aggregation === null
  const blocks = rowBlocks(stages.at(-1)?.output ?? new Map(), mayLack)
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
    parts: new Map(
      steps.flatMap(({ slot, operator: { parts } }) => (parts === undefined ? [] : [[`operator ${slot}`, parts]])),
    ),
    lagMs,
    operators: (faults) => protocolChain(steps, faults, blocks),
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

function protocolChain(
  steps: readonly Step[],
  faults: ChainFaults | null,
  blocks: RowBlocks<Located>,
): OperatorChain<Located> {
  const [first] = steps
  if (first === undefined) throw new TypeError('A chain has one operator at least.')
  let clockMs = 0
  // The turn that is under way. A turn waits for nothing, so there is one at a time; no function is made for a row.
  let turn: ChainTurn | null = null
  let entries: readonly Entries<unknown>[] = []
  let out: Emit<Located> = () => undefined
  const begin = (next: ChainTurn, emit: Emit<Located>): void => {
    out = emit
    if (turn === next) return
    turn = next
    entries = steps.map((step) => slotEntries(next, step))
  }
  /** Takes what a step has made of a delivered row. */
  const passes = steps.map((step, i) => passOf(step, i === steps.length - 1))
  /** Takes what time has brought out of it. What a delivered row came to is its own fault; this is set aside by itself. */
  const timed = faults === null ? passes : passes.map((pass, slot) => guarded(pass, slot, faults))
  return {
    size: steps.length,
    blocks,
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
      begin(turn, emit)
      try {
        enter(row.joinedAt ?? 0, row)
      } catch (cause) {
        if (faults === null || !(cause instanceof RowFault)) throw cause
        faults.rows.set(rowId(row.at), { at: row.at, refusal: cause.refusal })
      }
    },
    advance(boundMs, turn, emit, nowMs = clockMs) {
      clockMs = nowMs
      begin(turn, emit)
      for (const [slot, { operator, keepsTable }] of steps.entries()) {
        if (!keepsTable) operator.advance(boundMs, entriesOf(slot), emitOf(timed, slot), nowMs)
      }
    },
    tick(nowMs, turn, emit, boundMs = Number.NEGATIVE_INFINITY) {
      clockMs = nowMs
      begin(turn, emit)
      for (const [slot, { operator }] of steps.entries()) {
        operator.tick?.(nowMs, entriesOf(slot), emitOf(timed, slot), boundMs)
      }
    },
    table(turn, emit, key) {
      begin(turn, emit)
      const slot = steps.length - 1
      steps[slot]?.operator.table?.(entriesOf(slot), emitOf(timed, slot), key)
    },
    settle() {},
    write(slot, value, out, layouts) {
      const operator = steps[slot]?.operator
      if (operator?.text === undefined) out.text(JSON.stringify(operator?.encode(value, layouts)))
      else operator.text.write(value, out, layouts)
    },
    decode(slot, encoded, layouts) {
      const operator = steps[slot]?.operator
      if (operator?.text !== undefined) return operator.text.read(encoded, layouts)
      return operator?.decode(JSON.parse(encoded), layouts)
    },
  }

  function entriesOf(slot: number): Entries<unknown> {
    const own = entries[slot]
    if (own === undefined) throw new TypeError('An operator runs in a turn.')
    return own
  }

  /** A row into an operator. */
  function enter(slot: number, row: Located): void {
    steps[slot]?.operator.apply(row, entriesOf(slot), emitOf(passes, slot))
  }

  function passOf({ slot, following, refusalOf }: Step, isLast: boolean): StageEmit {
    return (given, id, at) => {
      const row = given instanceof Refusal || following === null ? given : following(given, clockMs)
      if (row === undefined) return
      if (row instanceof Refusal) throw new RowFault(row)
      // Batch mode keeps nothing, and has nowhere to set a row aside.
      const refusal = faults === null ? null : refusalOf(row, at)
      if (refusal instanceof Refusal) throw new RowFault(refusal)
      if (isLast) out({ row, at }, id ?? at.index ?? null)
      else enter(slot + 1, id === null ? { row, at } : { row, at, id })
    }
  }
}

const emitOf = (emits: readonly StageEmit[], slot: number): StageEmit => {
  const emit = emits[slot]
  if (emit === undefined) throw new TypeError('An operator gives its rows to something.')
  return emit
}

function guarded(pass: StageEmit, slot: number, faults: ChainFaults): StageEmit {
  return (given, id, at) => {
    const name = `${slot} ${id}`
    if (faults.skipped.has(name)) return
    try {
      pass(given, id, at)
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault
      const row = given instanceof Refusal ? {} : given
      faults.derived.set(name, { id: id ?? rowId(at), row, refusal: fault.refusal })
    }
  }
}
