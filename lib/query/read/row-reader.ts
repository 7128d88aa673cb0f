// The first half of a micro-batch: records -> rows, through the codec, the functions of the query and its guards, noting the
// event times that move the watermark. A record that is no row becomes a dead letter, or what the codec's policy says, and the
// batch goes on, whatever a codec or a function does with the record.

import { decoded, type Malformed } from '../../decode/codec.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { type Coordinates, type LocatedRow, RowInPlace } from '../../event/located-row.ts'
import type { DeadLetter } from '../../sink/dead-letter.ts'
import { Refusal } from '../held/refusal.ts'
import { type MappedRow, sourceRows } from '../held/source-row.ts'
import { compileOperators } from '../operators/row-operators.ts'
import { isGenerator, type PlanRow } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { RecordClock } from '../run/batch-clock.ts'
import { isMany, prepareCodec, recordReader } from './codec-reader.ts'
import { EventTimes } from './event-times.ts'
import { letterMaker } from './letter-maker.ts'
import type { RowReader } from './read-rows.ts'
import { nullRows, openTo, recordGate } from './record-gate.ts'
import { rowChecks } from './row-checks.ts'
import { rowRecord } from './row-record.ts'
import { severalRows } from './several-rows.ts'
import { severalSources } from './several-sources.ts'

/** A row, or why there is none: bad bytes, a row the query cannot take, left out by a condition, or by a policy. */
type Outcome =
  | { readonly kind: 'row'; readonly row: PlanRow }
  | { readonly kind: 'none' }
  | { readonly kind: 'dropped' }
  | Malformed
  | Refusal

const none: Outcome = { kind: 'none' }
const dropped: Outcome = { kind: 'dropped' }

/** Makes the reader of a query, once; its functions keep nothing between batches. */
export const compileReader = (query: StreamingQuery): RowReader =>
  query.plan.others.length === 0 ? readerOfSource(query) : severalSources(query, readerOfSource)

/** A query of one source has one reader. */
function readerOfSource(query: StreamingQuery): RowReader {
  const { source, operators, watermark } = query.plan
  const step = source.kind === 'kafka' ? source.decode : null
  const letterOf = letterMaker(query)
  const isDropping = step?.codec.malformed === 'drop'
  const isSeveral = (step !== null && isMany(step.codec)) || operators.some(isGenerator)
  if (isSeveral) return severalRows(query, letterOf)
  const position = watermark?.position ?? 0
  const single = operators.filter((operator) => !isGenerator(operator))
  const beforeWatermark = compileOperators(single.slice(0, position))
  const afterWatermark = compileOperators(single.slice(position))
  const gate = recordGate(source)
  const nulls = nullRows(source)
  const decode = recordReader(step)
  const { map, hold } = sourceRows(source)
  const checks = rowChecks(query)

  const operate = (given: MappedRow, at: Coordinates, clock: RecordClock, eventTimes: EventTimes): Outcome => {
    if (given === undefined) return none
    if (given instanceof Refusal) return given
    const clockMs = clock(at)
    const timed = beforeWatermark(given, clockMs)
    if (timed === undefined) return none
    if (timed instanceof Refusal) return timed
    const early = checks.future(timed, at)
    if (early !== null) return early
    const operated = afterWatermark(timed, clockMs)
    if (operated instanceof Refusal) return operated
    if (operated !== undefined) {
      const refusal = checks.grouped(operated, at)
      if (refusal !== null) return refusal
    }
    if (watermark !== null) eventTimes.add(at, timed[watermark.column])
    if (checks.isUntimed(timed, operated)) eventTimes.missing += 1
    return operated === undefined ? none : { kind: 'row', row: operated }
  }

  const rowOf = (record: KafkaRow, clock: RecordClock, eventTimes: EventTimes): Outcome => {
    const passage = gate(record)
    if (passage instanceof Refusal) return passage
    if (passage === 'unwanted') return none
    if (passage === 'dropped') return dropped
    const value = passage === 'nulls' ? decoded(nulls()) : decode(record)
    if (value.kind !== 'row') return isDropping ? dropped : value
    const row = map(value.row, record)
    const refusal = row === undefined || row instanceof Refusal ? null : checks.keyed(row, record)
    return refusal ?? operate(row, record, clock, eventTimes)
  }

  return {
    prepare: (records) => prepareCodec(query.name, step?.codec, openTo(gate, records)),
    fromRecords(records, clock) {
      const rows: LocatedRow<PlanRow>[] = []
      const eventTimes = new EventTimes()
      const deadLetters: DeadLetter[] = []
      let numDropped = 0
      for (const record of records) {
        const outcome = rowOf(record, clock, eventTimes)
        if (outcome.kind === 'row') rows.push(new RowInPlace(outcome.row, record))
        else if (outcome.kind === 'dropped') numDropped += 1
        else if (outcome.kind !== 'none') deadLetters.push(letterOf(record, outcome))
      }
      return { rows, eventTimes, deadLetters, numDropped }
    },
    fromRows(located, clock) {
      const rows: LocatedRow<PlanRow>[] = []
      const eventTimes = new EventTimes()
      const deadLetters: DeadLetter[] = []
      for (const { row, at } of located) {
        const outcome = operate(hold(row), at, clock, eventTimes)
        if (outcome.kind === 'row') rows.push(new RowInPlace(outcome.row, at))
        else if (outcome instanceof Refusal) deadLetters.push(letterOf(rowRecord(row, at), outcome))
      }
      return { rows, eventTimes, deadLetters, numDropped: 0 }
    },
  }
}
