// What stands before a record is decoded: the conditions of the query on the record itself, and what it says of tombstones. A
// record that does not get through is never seen by the codec.

import type { KafkaRow } from '../../event/kafka-row.ts'
import { Refusal } from '../held/refusal.ts'
import { compileOperators } from '../operators/row-operators.ts'
import type { PlanRow, Source } from '../plan/plan.ts'

/**
 * `open`: the codec's turn. `nulls`: a row of nulls, in the place of a tombstone. `unwanted`: a condition is not met. `dropped`: left
 * out by a policy.
 */
export type Passage = 'open' | 'nulls' | 'unwanted' | 'dropped' | Refusal

export type Gate = (record: KafkaRow) => Passage

/** Those of the records that the codec will see. */
export const openTo = (gate: Gate, records: readonly KafkaRow[]): readonly KafkaRow[] =>
  gate === everyRecord ? records : records.filter((record) => gate(record) === 'open')

const everyRecord: Gate = () => 'open'

export function recordGate(source: Source): Gate {
  if (source.kind !== 'kafka') return everyRecord
  const { tombstones, decode } = source
  const conditions = decode?.before ?? []
  if (tombstones === null && conditions.length === 0) return everyRecord
  const operate = compileOperators(conditions)
  return (record) => {
    // The conditions see the columns of the record, under their names; nothing reads a clock here.
    const wanted = operate(record as unknown as PlanRow, 0)
    if (wanted === undefined) return 'unwanted'
    if (wanted instanceof Refusal) return wanted
    if (record.value !== null) return 'open'
    switch (tombstones) {
      case 'deadLetter':
        return new Refusal('TOMBSTONE', 'the record has no value')
      case 'drop':
        return 'dropped'
      case 'row':
        return decode === null ? 'open' : 'nulls'
      case null:
        return 'open'
    }
  }
}

/** Makes the rows that stand for tombstones. */
export function nullRows(source: Source): () => PlanRow {
  const columns = source.kind === 'kafka' ? (source.decode?.codec.schema.columns ?? new Map()) : new Map()
  const nulls = Object.fromEntries(Array.from(columns.keys(), (name) => [name, null]))
  // A new one each time: the function of `decode` may write into it.
  return () => ({ ...nulls })
}
