// The checks of each row beside those of its columns, made ready once: both forms of the reader ask the same, where the watermark is
// defined and where rows are grouped.

import type { KafkaRow } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'
import { argumentGuard, isGroupedAsRead } from '../held/held-argument.ts'
import type { Refusal } from '../held/refusal.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { futureGuard, keptGuard, keyedGuard } from './row-guard.ts'

export interface RowChecks {
  /** A row as it is decoded, beside its record's key. */
  keyed(row: PlanRow, record: KafkaRow): Refusal | null
  /** A row as it is where the watermark is defined. */
  future(row: PlanRow, at: Coordinates): Refusal | null
  /** A row as it is grouped. */
  grouped(row: PlanRow, at: Coordinates): Refusal | null
  /** @param timed as it is where the watermark is defined @param operated as it is grouped; undefined where it is left out */
  isUntimed(timed: PlanRow, operated: PlanRow | undefined): boolean
}

export function rowChecks(query: StreamingQuery): RowChecks {
  const { watermark, aggregation, stages } = query.plan
  const windowColumn = stages.length === 0 ? aggregation?.window?.column : undefined
  const isTooLong = keptGuard(query)
  const isNoArgument = isGroupedAsRead(stages) ? argumentGuard({ aggregation }) : () => null
  return {
    keyed: keyedGuard(query),
    future: futureGuard(query),
    grouped: (row, at) => isTooLong(row) ?? isNoArgument(row, at),
    isUntimed: (timed, operated) =>
      (watermark !== null && typeof timed[watermark.column] !== 'number') ||
      (windowColumn !== undefined && operated !== undefined && typeof operated[windowColumn] !== 'number'),
  }
}
