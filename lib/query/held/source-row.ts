// The rows that a query starts from: what the codec gave, through the function of `decode`, if there is one; or what a test
// or a batch gave in its place. Held to the columns that the plan knows.

import type { KafkaRow } from '../../event/kafka-row.ts'
import type { DecodeStep, PlanRow, Source } from '../plan/plan.ts'
import { holdMappedRows, holdRows } from './held-row.ts'
import { failedFunction, Refusal } from './refusal.ts'

/** `undefined`: the function left the record out. */
export type MappedRow = PlanRow | Refusal | undefined

export interface SourceRows {
  /** A codec's row, which is held already, through the function. */
  map(row: PlanRow, record: KafkaRow): MappedRow
  /** A row as it is after decoding. */
  hold(row: unknown): PlanRow | Refusal
}

export function sourceRows(source: Source): SourceRows {
  if (source.kind === 'rows') return { map: (row) => row, hold: holdRows(source.schema.columns, 'the source') }
  const { decode } = source
  // A Kafka stream that nothing decodes has the records themselves as its rows.
  if (decode === null) return { map: (row) => row, hold: (row) => row as PlanRow }
  const mapped = mappedRows(decode)
  if (decode.added.length === 0) return mapped
  return {
    hold: mapped.hold,
    map(given, record) {
      const row = mapped.map(given, record)
      return row === undefined || row instanceof Refusal ? row : withAdded(row, record, decode.added)
    },
  }
}

function mappedRows(decode: DecodeStep): SourceRows {
  if (decode.map === null) return { map: (row) => row, hold: holdRows(decode.columns, 'the source') }
  const { map } = decode
  const hold = holdMappedRows(decode.columns, decode.declared, 'the function of decode')
  return {
    map(row, record) {
      try {
        const mapped = map(row, record)
        return mapped === undefined || mapped instanceof Refusal ? mapped : hold(mapped, row)
      } catch (cause) {
        return failedFunction('decode', cause)
      }
    },
    hold,
  }
}

function withAdded(row: PlanRow, record: KafkaRow, added: DecodeStep['added']): PlanRow | Refusal {
  const whole: Record<string, unknown> = { ...row }
  for (const { name, read } of added) {
    const value = read(record)
    if (value instanceof Refusal) return value
    whole[name] = value
  }
  return whole
}
