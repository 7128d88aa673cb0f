// Rows on which an aggregate of the query's own throws by what it has kept so far; those on which it throws alone were set aside
// before (held-argument.ts). That shows only when they are folded, so the fold goes on over all rows, notes which they are, and is
// given up before anything of it is written. They are set aside, and the batch is folded without.

import { MicrobatchError } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { type Coordinates, type LocatedRow, place, rowId } from '../../event/located-row.ts'
import { type DeadLetter, deadLetterOf, groupLetterOf } from '../../sink/dead-letter.ts'
import type { OperatorChain } from '../../state/protocol/operators/operator-chain.ts'
import type { KeptOperators } from '../aggregation/kept-operators.ts'
import { ChainFaults } from '../chain/faults.ts'
import { RowFault } from '../chain/row-fault.ts'
import type { Located } from '../chain/stage-operator.ts'
import { failedFunction } from '../held/refusal.ts'
import type { PlanRow } from '../plan/plan.ts'
import { topicsText } from '../plan/sources.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { ReadRows } from '../read/read-rows.ts'
import { rowRecord } from '../read/row-record.ts'

/**
 * Whether faults are noted, and the fold goes on: where rows may be found out to be bad only when they are folded. Where a function
 * that throws is the batch's error, an aggregation alone has nothing else to note; operators refuse rows for other reasons, too.
 */
export const isNoting = ({ plan: { aggregation, stages }, onFunctionError }: StreamingQuery): boolean =>
  stages.length > 0 ||
  (onFunctionError === 'deadLetter' &&
    Object.values(aggregation?.aggregates ?? {}).some(({ kind }) => kind === 'custom'))

/** The fold was given up: there are faults. */
class GivenUp extends Error {}

/** What one try folds and writes with. */
export interface Attempt {
  readonly operator: KeptOperators['operator']
  readonly chain: OperatorChain<Located> | null
  /** The faults that a try was given up for: then nothing was written that a try without them changes. Null for any other error. */
  faultsOf(error: unknown): ChainFaults | null
}

/** @param skipped rows of the query's own making that were set aside before, as their faults are named */
export function notingAttempt({ operator, chain }: KeptOperators, skipped: ReadonlySet<string>): Attempt {
  const faults = new ChainFaults(skipped)
  const giveUp = (): void => {
    if (!faults.isEmpty) throw new GivenUp()
  }
  const operators = chain?.operators(faults) ?? null
  return {
    operator: {
      ...operator,
      add(acc, row, at) {
        try {
          return operator.add(acc, row, at)
        } catch (error) {
          if (!isFault(error)) throw error
          // The chain knows which delivered row it came of, or that time brought it.
          if (operators !== null) throw new RowFault(failedFunction('an aggregate', error.cause))
          faults.rows.set(rowId(error.at), { at: row.at, refusal: failedFunction('an aggregate', error.cause) })
          return acc
        }
      },
      write(acc, out, layouts) {
        giveUp()
        operator.write(acc, out, layouts)
      },
    },
    chain: operators === null ? null : { ...operators, settle: giveUp },
    faultsOf: (error) => (error instanceof GivenUp ? faults : null),
  }
}

/** @throws MicrobatchError FUNCTION_FAILED with onFunctionError `fail`, for the first function that has thrown */
export function failOnFunction({ name, onFunctionError }: StreamingQuery, faults: ChainFaults): void {
  if (onFunctionError !== 'fail') return
  for (const { at, refusal } of faults.rows.values()) {
    if (refusal.reason !== 'FUNCTION_FAILED') continue
    throw new MicrobatchError('FUNCTION_FAILED', `${name}: on ${place(at)} ${refusal.detail}`, {
      at,
      cause: refusal.cause,
    })
  }
  for (const { id, refusal } of faults.derived.values()) {
    if (refusal.reason !== 'FUNCTION_FAILED') continue
    const problem = `${name}: on the row ${id.slice(0, 200)} of an operator ${refusal.detail}`
    throw new MicrobatchError('FUNCTION_FAILED', problem, { cause: refusal.cause })
  }
}

/** For a query whose rows nobody needs to note: the first that an aggregate throws on is the batch's error. */
export const failingAttempt = ({ operator, chain }: KeptOperators): Attempt => ({
  operator,
  chain: chain?.operators(null) ?? null,
  faultsOf: () => null,
})

/** What was read without the rows at fault, and their dead letters. */
export function setAside(
  { name, plan }: StreamingQuery,
  read: ReadRows,
  faults: ChainFaults,
): { read: ReadRows; letters: readonly DeadLetter[] } {
  const rows: LocatedRow<PlanRow>[] = []
  const letters: DeadLetter[] = []
  const groups: DeadLetter[] = []
  for (const located of read.rows) {
    const fault = faults.rows.get(rowId(located.at))
    if (fault === undefined) rows.push(located)
    else letters.push(deadLetterOf(name, recordOf(located), fault.refusal.reason, fault.refusal.detail))
  }
  for (const { id, row, refusal } of faults.derived.values()) {
    groups.push(groupLetterOf({ query: name, topic: topicsText(plan), id, row }, refusal.reason, refusal.detail))
  }
  return { read: { ...read, rows, deadLetters: [...read.deadLetters, ...letters] }, letters: [...letters, ...groups] }
}

/** A row's place is its record, where it was decoded from one. */
const recordOf = ({ row, at }: LocatedRow<PlanRow>): KafkaRow & Coordinates => (isRecord(at) ? at : rowRecord(row, at))

const isRecord = (at: Coordinates): at is KafkaRow => 'value' in at && 'key' in at && 'headers' in at

type Fault = MicrobatchError & { readonly at: Pick<Coordinates, 'topic' | 'partition' | 'offset' | 'index'> }

const isFault = (error: unknown): error is Fault =>
  error instanceof MicrobatchError && error.code === 'FUNCTION_FAILED' && error.at !== null
