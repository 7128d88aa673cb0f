// A query's codec, made safe: whatever it throws, or gives that is no row of its schema, the record is bad and not the batch.

import {
  type Codec,
  type Decoded,
  type DecodedMany,
  decoded,
  isTyped,
  type Malformed,
  type ManyCodec,
  malformed,
} from '../../decode/codec.ts'
import { MicrobatchError, messageOf } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { holdRows } from '../held/held-row.ts'
import { Refusal } from '../held/refusal.ts'
import { maxRowsOfRecord, tooManyRows } from '../operators/row-generators.ts'
import type { DecodeStep, PlanRow } from '../plan/plan.ts'

/** The row of a record, or why there is none. */
export type RecordReader = (record: KafkaRow) => Decoded<PlanRow>

/** @param step null where nothing decodes the records: then they are the rows themselves */
export function recordReader(step: DecodeStep | null): RecordReader {
  if (step === null) return (record) => decoded({ ...record })
  const { codec } = step
  if (isMany(codec)) throw new Error('a codec of several rows is read by manyReader')
  // A reader of this library that gives typed rows by its making is not checked again.
  const hold = isTyped(codec) ? null : holdRows(codec.schema.columns, 'the codec')
  return (record) => {
    try {
      const answer = codec.decode(record)
      if (answer.kind === 'malformed') return malformed(answer.reason, answer.detail)
      if (answer.kind !== 'row') return malformed('CODEC_FAILED', noAnswer)
      // The builder knows the types of a codec's rows; here they are rows of named columns.
      if (hold === null) return answer as Decoded<PlanRow>
      const row = hold(answer.row)
      return row instanceof Refusal ? malformed(row.reason, row.detail) : decoded(row)
    } catch (error) {
      return malformed('CODEC_FAILED', messageOf(error))
    }
  }
}

export const isMany = (codec: Codec<unknown> | ManyCodec<unknown>): codec is ManyCodec<unknown> => 'decodeMany' in codec

/** The rows of a record, of a codec that gives several; or why the record has none. */
export function manyReader(codec: ManyCodec<unknown>): (record: KafkaRow) => DecodedMany<PlanRow> | Malformed {
  const hold = isTyped(codec) ? null : holdRows(codec.schema.columns, 'the codec')
  const held = (element: Decoded<unknown>): Decoded<PlanRow> => {
    if (element.kind === 'malformed') return malformed(element.reason, element.detail)
    if (element.kind !== 'row') return malformed('CODEC_FAILED', noAnswer)
    if (hold === null) return element as Decoded<PlanRow>
    const row = hold(element.row)
    return row instanceof Refusal ? malformed(row.reason, row.detail) : decoded(row)
  }
  return (record) => {
    try {
      const answer = codec.decodeMany(record)
      if (answer.kind === 'malformed') return malformed(answer.reason, answer.detail)
      if (answer.kind !== 'rows') return malformed('CODEC_FAILED', noRows)
      if (answer.elements.length > maxRowsOfRecord) return malformed('TOO_MANY_ROWS', tooManyRows)
      return { ...answer, elements: answer.elements.map(held) }
    } catch (error) {
      return malformed('CODEC_FAILED', messageOf(error))
    }
  }
}

const noRows = "decodeMany gave neither rows nor a reason: it returns { kind: 'rows', elements } or malformed(…)"
const noAnswer = 'decode gave neither a row nor a reason: it returns decoded(…) or malformed(…)'

/**
 * An error here is not the fault of a record: the batch fails and comes again.
 * @throws MicrobatchError PREPARE_FAILED
 */
export async function prepareCodec(
  name: string,
  codec: Codec<unknown> | ManyCodec<unknown> | undefined,
  records: readonly KafkaRow[],
): Promise<void> {
  try {
    await codec?.prepare?.(records)
  } catch (cause) {
    if (cause instanceof MicrobatchError) throw cause
    const problem = `${name}: the codec could not prepare for a batch, which comes again: ${messageOf(cause)}`
    throw new MicrobatchError('PREPARE_FAILED', problem, { cause })
  }
}
