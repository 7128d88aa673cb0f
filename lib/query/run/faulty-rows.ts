// Rows on which an aggregate of the query's own throws by what it has kept so far; those on which it throws alone were set aside
// before (held-argument.ts). That shows only when they are folded, so the fold goes on over all rows, notes which they are, and is
// given up before anything of it is written. They are set aside, and the batch is folded without.

import { MicrobatchError } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { type Coordinates, type LocatedRow, rowId } from '../../event/located-row.ts'
import { type DeadLetter, deadLetterOf } from '../../sink/dead-letter.ts'
import type { GroupOperator } from '../../state/protocol/group-operator.ts'
import { failedFunction } from '../held/refusal.ts'
import type { AggregationStep, PlanRow } from '../plan/plan.ts'
import type { ReadRows } from '../read/read-rows.ts'
import { rowRecord } from '../read/row-record.ts'

/** What was thrown, by the ids of the rows. */
export type Faults = ReadonlyMap<string, MicrobatchError>

/** Only an aggregate of the query's own keeps what it may throw by: the functions of the others were tried before. */
export const mayFault = ({ aggregates }: AggregationStep): boolean =>
  Object.values(aggregates).some(({ kind }) => kind === 'custom')

/** The fold was given up: `faults` has rows. */
class GivenUp extends Error {}

/**
 * @param attempt folds and writes with the operator that it is given
 * @returns what the attempt gives; or the rows at fault, and then nothing was written that an attempt without them changes
 * @throws what the attempt throws otherwise
 */
export async function withoutFaults<Row, Acc, Result>(
  operator: GroupOperator<Row, Acc>,
  attempt: (operator: GroupOperator<Row, Acc>) => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly faults: Faults }> {
  const faults = new Map<string, MicrobatchError>()
  const noting: GroupOperator<Row, Acc> = {
    ...operator,
    add(acc, row, at) {
      try {
        return operator.add(acc, row, at)
      } catch (error) {
        if (!isFault(error)) throw error
        faults.set(rowId(error.at), error)
        return acc
      }
    },
    write(acc, out) {
      if (faults.size > 0) throw new GivenUp()
      operator.write(acc, out)
    },
  }
  try {
    return { result: await attempt(noting) }
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error
    return { faults }
  }
}

/** What was read without the rows at fault, and their dead letters. */
export function setAside(
  name: string,
  read: ReadRows,
  faults: Faults,
): { read: ReadRows; letters: readonly DeadLetter[] } {
  const rows: LocatedRow<PlanRow>[] = []
  const letters: DeadLetter[] = []
  for (const located of read.rows) {
    const fault = faults.get(rowId(located.at))
    if (fault === undefined) rows.push(located)
    else {
      const { reason, detail } = failedFunction('an aggregate', fault.cause)
      letters.push(deadLetterOf(name, recordOf(located), reason, detail))
    }
  }
  return { read: { ...read, rows, deadLetters: [...read.deadLetters, ...letters] }, letters }
}

/** A row's place is its record, where it was decoded from one. */
const recordOf = ({ row, at }: LocatedRow<PlanRow>): KafkaRow & Coordinates => (isRecord(at) ? at : rowRecord(row, at))

const isRecord = (at: Coordinates): at is KafkaRow => 'value' in at && 'key' in at && 'headers' in at

type Fault = MicrobatchError & { readonly at: Pick<Coordinates, 'topic' | 'partition' | 'offset' | 'index'> }

const isFault = (error: unknown): error is Fault =>
  error instanceof MicrobatchError && error.code === 'FUNCTION_FAILED' && error.at !== null
