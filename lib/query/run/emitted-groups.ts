// The groups of a batch on their way out: each becomes a row, through the operators after the aggregation. A group whose row
// cannot be made, because a function throws or gives what its column does not take, is set aside and the others go out: its
// state is as it was, and the query goes on.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import { MicrobatchError } from '../../error.ts'
import { type DeadLetter, groupLetterOf } from '../../sink/dead-letter.ts'
import type { Output } from '../../state/protocol/operators/stateful-query.ts'
import type { KeptOperators } from '../aggregation/kept-operators.ts'
import { Refusal } from '../held/refusal.ts'
import { compileTable } from '../operators/table-operators.ts'
import type { PlanRow } from '../plan/plan.ts'
import { topicsText } from '../plan/sources.ts'
import { outgoing } from '../plan/stages/staged.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'

export interface EmittedGroups {
  readonly rows: readonly EmittedGroup[]
  readonly letters: readonly DeadLetter[]
}

class EmittedGroup {
  declare readonly id: string
  declare readonly version: number
  declare readonly row: PlanRow

  constructor(id: string, version: number, row: PlanRow) {
    this.id = id
    this.version = version
    this.row = row
  }
}

/**
 * @returns a function of the output and the batch's clock, epoch milliseconds; it throws MicrobatchError FUNCTION_FAILED with
 *   onFunctionError `fail`
 */
export function compileEmission(
  query: StreamingQuery,
  kept: KeptOperators,
): (output: Output<Accumulators>, clockMs: number) => EmittedGroups {
  const { plan } = query
  const table = compileTable(outgoing(plan))
  const topic = topicsText(plan)
  return (output, clockMs) => {
    const letters: DeadLetter[] = []
    const refuse = ({ id, row }: Pick<EmittedGroup, 'id' | 'row'>, { reason, detail, cause }: Refusal): void => {
      if (reason === 'FUNCTION_FAILED' && query.onFunctionError === 'fail') {
        throw new MicrobatchError('FUNCTION_FAILED', `${query.name}: on the group ${id.slice(0, 200)} ${detail}`, {
          cause,
        })
      }
      letters.push(groupLetterOf({ query: query.name, topic, id, row }, reason, detail))
    }
    const made: EmittedGroup[] = []
    for (const { id, version, lookup, windowEndMs, acc } of rowsOf(output)) {
      const row = kept.rowOf(lookup, windowEndMs ?? never, acc)
      if (row instanceof Refusal) refuse({ id, row: {} }, row)
      else made.push(new EmittedGroup(id, version, row))
    }
    return { rows: table(made, clockMs, refuse), letters }
  }

  /** Spark: the complete table of an aggregation without grouping has one row, also over nothing. */
  function rowsOf({ mode, rows }: Output<Accumulators>): Output<Accumulators>['rows'] {
    if (mode !== 'complete' || rows.length > 0 || plan.aggregation?.order.length !== 0) return rows
    const acc = kept.operator.init()
    return [{ id: '~#[]', version: 0, lookup: '[]', windowEndMs: null, acc }]
  }
}

const never = Number.POSITIVE_INFINITY
