// The first half of a micro-batch: records -> rows, through the codec, the future guard and the row operators, noting the
// event times that move the watermark. A bad record becomes a dead letter, or what the codec's policy says, and the batch
// goes on; whatever a codec throws at a record, the record is bad and not the batch.

import { type Codec, type Decoded, decoded, type Malformed, malformed } from '../../decode/codec.ts'
import { MicrobatchError, messageOf } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { type Coordinates, type LocatedRow, place } from '../../event/located-row.ts'
import { type DeadLetter, deadLetterOf } from '../../sink/dead-letter.ts'
import { compileOperators } from '../operators/row-operators.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { EventTimes } from './event-times.ts'
import { futureGuard, keptGuard, keyedGuard, type Refusal } from './row-guard.ts'
import { runFunctions } from './run-functions.ts'

/** What came of the records, or rows, of a batch. */
export interface ReadRows {
  readonly rows: readonly LocatedRow<PlanRow>[]
  readonly eventTimes: EventTimes
  readonly deadLetters: readonly DeadLetter[]
  /** Bad records left out under the policy `drop`. */
  readonly numDropped: number
}

export interface RowReader {
  /** Lets the codec fetch what it needs for these records. @throws MicrobatchError PREPARE_FAILED */
  prepare(records: readonly KafkaRow[]): Promise<void>
  /** @throws MicrobatchError RECORD_MALFORMED under the policy `fail`; FUNCTION_FAILED; both name the record */
  fromRecords(records: readonly KafkaRow[]): ReadRows
  /** Rows that are decoded already, as tests and batch mode have them. @throws MicrobatchError FUNCTION_FAILED */
  fromRows(rows: readonly LocatedRow<PlanRow>[]): ReadRows
}

/** A row, or why there is none: bad bytes, a row the query cannot take, or left out by an operator. */
type Outcome = { readonly kind: 'row'; readonly row: PlanRow } | { readonly kind: 'none' } | Malformed | Refusal

const none: Outcome = { kind: 'none' }

/** Makes the reader of a query, once; its functions keep nothing between batches. */
export function compileReader(query: StreamingQuery): RowReader {
  const { source, operators, watermark, aggregation } = query.plan
  const step = source.kind === 'kafka' ? source.decode : null
  const windowColumn = aggregation?.window?.column
  const position = watermark?.position ?? 0
  const beforeWatermark = compileOperators(operators.slice(0, position))
  const afterWatermark = compileOperators(operators.slice(position))
  const isFuture = futureGuard(query)
  const isTooLong = keptGuard(query)
  const isMiskeyed = keyedGuard(query)

  // A Kafka stream that nothing decodes has the records themselves as its rows. A codec's rows have the columns of its
  // schema, which the plan knows by name only.
  const decode = step === null ? (record: KafkaRow) => decoded({ ...record }) : decoderOf(step.codec)

  const map = (row: PlanRow, record: KafkaRow): PlanRow | undefined => (step?.map ? step.map(row, record) : row)

  const operate = (row: PlanRow, at: Coordinates, eventTimes: EventTimes): Outcome => {
    const timed = beforeWatermark(row)
    if (timed === undefined) return none
    const early = isFuture(timed, at)
    if (early !== null) return early
    const operated = afterWatermark(timed)
    const tooLong = operated === undefined ? null : isTooLong(operated)
    if (tooLong !== null) return tooLong
    if (watermark !== null) eventTimes.add(at, timed[watermark.column])
    if (isUntimed(timed, operated)) eventTimes.missing += 1
    return operated === undefined ? none : { kind: 'row', row: operated }
  }

  const isUntimed = (timed: PlanRow, operated: PlanRow | undefined): boolean =>
    (watermark !== null && typeof timed[watermark.column] !== 'number') ||
    (windowColumn !== undefined && operated !== undefined && typeof operated[windowColumn] !== 'number')

  const rowOf = (record: KafkaRow, eventTimes: EventTimes): Outcome => {
    const value = decode(record)
    if (value.kind !== 'row') return value
    return runFunctions(query, record, () => {
      const row = map(value.row, record)
      return row === undefined ? none : (isMiskeyed(row, record) ?? operate(row, record, eventTimes))
    })
  }

  return {
    prepare: (records) => prepareCodec(query, step?.codec, records),
    fromRecords(records) {
      const rows: LocatedRow<PlanRow>[] = []
      const eventTimes = new EventTimes()
      const deadLetters: DeadLetter[] = []
      let numDropped = 0
      for (const record of records) {
        const outcome = rowOf(record, eventTimes)
        if (outcome.kind === 'row') rows.push({ row: outcome.row, at: record })
        else if (outcome.kind === 'malformed' && step?.codec.malformed === 'fail') throw failure(query, record, outcome)
        else if (outcome.kind === 'malformed' && step?.codec.malformed === 'drop') numDropped += 1
        else if (outcome.kind !== 'none') {
          deadLetters.push(deadLetterOf(query.name, record, outcome.reason, outcome.detail))
        }
      }
      return { rows, eventTimes, deadLetters, numDropped }
    },
    fromRows(located) {
      const eventTimes = new EventTimes()
      const rows = located.flatMap(({ row, at }): LocatedRow<PlanRow>[] => {
        const outcome = runFunctions(query, at, () => operate(row, at, eventTimes))
        return outcome.kind === 'row' ? [{ row: outcome.row, at }] : []
      })
      return { rows, eventTimes, deadLetters: [], numDropped: 0 }
    },
  }
}

/** The codec's `decode`, made safe: a codec that throws, or gives what is no answer, has met a bad record. */
function decoderOf(codec: Codec<unknown>): (record: KafkaRow) => Decoded<PlanRow> {
  return (record) => {
    try {
      const answer = codec.decode(record)
      // The builder knows the types of a codec's rows; here they are rows of named columns.
      if (answer.kind === 'row' || answer.kind === 'malformed') return answer as Decoded<PlanRow>
      return malformed('CODEC_FAILED', 'decode gave neither a row nor a reason: it returns decoded(…) or malformed(…)')
    } catch (error) {
      return malformed('CODEC_FAILED', messageOf(error))
    }
  }
}

/** An error here is not the fault of a record: the batch fails and comes again. */
async function prepareCodec(
  { name }: StreamingQuery,
  codec: Codec<unknown> | undefined,
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

const failure = (query: StreamingQuery, record: KafkaRow, { reason, detail }: Malformed): MicrobatchError =>
  new MicrobatchError(
    'RECORD_MALFORMED',
    `${query.name}: ${place(record)} is bad (${reason}: ${detail}) and the policy is "fail". ` +
      'Mend the record or choose another policy.',
    { at: record },
  )
