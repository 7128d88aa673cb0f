// What a query is: a plain immutable description. Building one does no I/O and runs nothing; micro-batch.ts carries it
// out over a stream, batch by batch.

import type { Codec } from '../decode/codec.ts'
import type { Schema } from '../decode/schema.ts'
import { MicrobatchError } from '../error.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import type { OutputColumns } from '../sink/output-columns.ts'

/** A row inside a plan: the types of its columns are held by the builder (stream.ts), not here. */
export type PlanRow = Readonly<Record<string, unknown>>

export type Source =
  | { readonly kind: 'kafka'; readonly topic: string; readonly decode: DecodeStep | null }
  | { readonly kind: 'rows'; readonly schema: Schema<unknown> }

export interface DecodeStep {
  readonly codec: Codec<unknown>
  /** Makes the row from the decoded value and its record; `undefined` leaves the record out. */
  readonly map: ((value: PlanRow, record: KafkaRow) => PlanRow | undefined) | null
}

/** One row in, at most one row out. */
export type RowOperator =
  | { readonly kind: 'where'; readonly predicate: (row: PlanRow) => boolean }
  | { readonly kind: 'select'; readonly columns: readonly string[] }
  | { readonly kind: 'withColumn'; readonly name: string; readonly value: (row: PlanRow) => unknown }
  | { readonly kind: 'drop'; readonly columns: readonly string[] }

export interface Plan {
  readonly name: string
  readonly source: Source
  readonly operators: readonly RowOperator[]
  /** The columns after the last operator, as far as they are known. */
  readonly columns: OutputColumns
  /** Rows may have columns beyond `columns`: those that a function of `decode` added. */
  readonly isOpen: boolean
}

/**
 * Refuses a column that the plan does not have, in Spark's words (UNRESOLVED_COLUMN.WITH_SUGGESTION).
 * @throws MicrobatchError QUERY_INVALID
 */
export function requireColumns(plan: Plan, names: readonly string[]): void {
  if (plan.isOpen) return
  for (const name of names) {
    if (plan.columns.has(name)) continue
    const known = Array.from(plan.columns.keys(), (column) => `\`${column}\``).join(', ')
    throw new MicrobatchError(
      'QUERY_INVALID',
      `${plan.name}: A column or function parameter with name \`${name}\` cannot be resolved. ` +
        `Did you mean one of the following? [${known}]`,
    )
  }
}
