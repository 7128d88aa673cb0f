// What a query keeps, made ready to run: the groups of its last aggregation, the stateful operators before it, or only those; and
// the row that each thing that goes out comes out as.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import type { OutputMode } from '../../aggregate/output-mode.ts'
import type { KeptForm } from '../../state/protocol/evolution/kept-parts.ts'
import type { GroupOperator, Lookup } from '../../state/protocol/operators/group-operator.ts'
import type { RowBlock, RowBlocks } from '../../state/protocol/operators/row-block.ts'
import type { Evolve, WindowGrid } from '../../state/protocol/operators/stateful-query.ts'
import { type Chain, compileChain } from '../chain/chain.ts'
import { rowBlocks } from '../chain/row-blocks.ts'
import type { Located } from '../chain/stage-operator.ts'
import type { Refusal } from '../held/refusal.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'
import { compileGrouping, type Grouping } from './grouping.ts'

export interface KeptOperators {
  readonly grouping: Grouping | null
  readonly chain: Chain | null
  readonly gives: 'groups' | 'rows'
  /** Groups and their accumulators; or rows, as they are written. */
  readonly operator: GroupOperator<Located, Accumulators>
  /** Where what goes out by time ends; null where nothing does. */
  readonly grid: WindowGrid | null
  /** @param endMs infinite for what never ends */
  rowOf(lookup: Lookup, endMs: number, acc: Accumulators): PlanRow | Refusal
  readonly fingerprint: Readonly<Record<string, string>>
  /** By entry of the fingerprint: what may come and go. */
  readonly parts: ReadonlyMap<string, KeptForm>
}

/**
 * Takes a plan with a stateful operator.
 * @param outputMode of its query; a batch gives each row once, as append does
 * @param evolve what a version before may have kept otherwise
 */
export function compileKept(
  plan: Plan,
  outputMode: OutputMode = 'append',
  evolve: readonly Evolve[] = [],
): KeptOperators {
  const { aggregation, stages } = plan
  const mayLack = evolve.includes('add')
  const chain =
    stages.length === 0 ? null : compileChain(stages, { aggregation, isComplete: outputMode === 'complete', mayLack })
  if (aggregation !== null) {
    const grouping = compileGrouping(aggregation, chain?.lagMs ?? 0)
    const { operator, grid, rowOf } = grouping
    const fingerprint = { ...grouping.fingerprint, ...chain?.fingerprint }
    const parts = new Map([['aggregates', grouping.parts.aggregates], ...(chain?.parts ?? [])])
    return { grouping, chain, gives: 'groups', operator, grid, rowOf, fingerprint, parts }
  }
  const operator = rowOperator(rowBlocks(stages.at(-1)?.output ?? plan.columns, mayLack))
  return {
    grouping: null,
    chain,
    gives: 'rows',
    operator,
    grid: { everyMs: 1, phaseMs: 0 },
    rowOf: (_, __, row) => (row as unknown as Located).row,
    fingerprint: { ...chain?.fingerprint },
    parts: chain?.parts ?? new Map(),
  }
}

/** Rows that go out, in the place of groups: as many as a line takes. */
function rowOperator(blocks: RowBlocks<Located>): KeptOperators['operator'] {
  const operator: GroupOperator<Located, RowBlock<Located>> = {
    groupsOf: () => 0,
    keyText: String,
    lookupOf: (text) => text,
    init: () => {
      throw new TypeError('Rows that go out were never begun.')
    },
    add: (block) => block,
    write: ({ text }, out) => out.text(text ?? ''),
    decode: blocks.read,
  }
  return operator as unknown as KeptOperators['operator']
}
