// The reader of a query in which a record can be several rows: its codec takes records apart, or it has flatMap or explode. The
// rows of a record carry their numbers in it, a bad one is a dead letter with its number, and the others go on; a record that is
// too many rows, or too many bad ones, is a dead letter as a whole.

import { type Decoded, decoded, type Malformed } from '../../decode/codec.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { Refusal } from '../held/refusal.ts'
import { type MappedRow, sourceRows } from '../held/source-row.ts'
import { compileExpansion } from '../operators/row-expansion.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { isMany, manyReader, prepareCodec, recordReader } from './codec-reader.ts'
import type { LetterMaker } from './letter-maker.ts'
import type { RowReader } from './read-rows.ts'
import { nullRows, openTo, recordGate } from './record-gate.ts'
import { BatchRows, RecordRows } from './record-rows.ts'
import { rowChecks } from './row-checks.ts'
import { rowRecord } from './row-record.ts'

export function severalRows(query: StreamingQuery, letterOf: LetterMaker): RowReader {
  const { source, operators, watermark } = query.plan
  const step = source.kind === 'kafka' ? source.decode : null
  const isDropping = step?.codec.malformed === 'drop'
  const position = watermark?.position ?? 0
  const beforeWatermark = compileExpansion(operators.slice(0, position))
  const afterWatermark = compileExpansion(operators.slice(position))
  const { map, hold } = sourceRows(source)
  const checks = rowChecks(query)
  const elementsOf = elementReader(step)
  const gate = recordGate(source)
  const nulls = nullRows(source)

  /** A row that is decoded, through the operators, each row that comes of it into `found`. */
  function expand(found: RecordRows, given: MappedRow, clockMs: number, bytes: Buffer | null): void {
    if (given === undefined || given instanceof Refusal) {
      found.take(given, null, bytes)
      return
    }
    beforeWatermark(given, clockMs, null, (timed, from) => {
      if (timed === undefined || timed instanceof Refusal) return found.take(timed, from, bytes)
      const early = checks.future(timed, found.at)
      if (early !== null) return found.take(early, from, bytes)
      let [made, refused] = [0, 0]
      const goesOn = afterWatermark(timed, clockMs, from, (row, last) => {
        made += 1
        const outcome = row === undefined || row instanceof Refusal ? row : (checks.grouped(row, found.at) ?? row)
        if (outcome instanceof Refusal) refused += 1
        else if (checks.isUntimed(timed, outcome)) found.missing += 1
        return found.take(outcome, last, bytes)
      })
      // A row that is left out moves the watermark, as in Spark; one that is refused does not.
      if (watermark !== null && (made === 0 || refused < made)) found.times.push(timed[watermark.column])
      return goesOn
    })
  }

  return {
    prepare: (records) => prepareCodec(query.name, step?.codec, openTo(gate, records)),
    fromRecords(records, clock) {
      const read = new BatchRows(letterOf)
      for (const record of records) {
        const passage = gate(record)
        if (passage === 'unwanted') continue
        if (passage === 'dropped') read.numDropped += 1
        if (passage instanceof Refusal) read.refuse(record, passage)
        if (passage !== 'open' && passage !== 'nulls') continue
        const answer = passage === 'nulls' ? oneRow(nulls()) : elementsOf(record)
        if (answer.kind === 'malformed') {
          if (isDropping) read.numDropped += 1
          else read.refuse(record, answer)
          continue
        }
        const found = new RecordRows(record, answer.areParts)
        for (const [i, element] of answer.elements.entries()) {
          if (found.excess !== null) break
          const bytes = answer.bytesOf?.(i) ?? record.value
          if (element.kind === 'row') {
            const row = map(element.row, record)
            const refusal = row === undefined || row instanceof Refusal ? null : checks.keyed(row, record)
            expand(found, refusal ?? row, clock(record), bytes)
          } else if (isDropping) found.drop()
          else found.refuse(element, null, bytes)
        }
        read.add(found, record)
      }
      return read
    },
    fromRows(rows, clock) {
      const read = new BatchRows(letterOf)
      for (const { row, at } of rows) {
        const found = new RecordRows(at, false)
        expand(found, hold(row), clock(at), null)
        read.add(found, rowRecord(row, at))
      }
      return read
    },
  }
}

interface Elements {
  readonly kind: 'rows'
  readonly elements: readonly Decoded<PlanRow>[]
  bytesOf?(index: number): Buffer
  /** Whether they are parts of the record, and not the one row that it is. */
  readonly areParts: boolean
}

/** The row that a record is. */
const oneRow = (row: PlanRow): Elements => ({ kind: 'rows', elements: [decoded(row)], areParts: false })

function elementReader(step: Parameters<typeof recordReader>[0]): (record: KafkaRow) => Elements | Malformed {
  if (step !== null && isMany(step.codec)) {
    const read = manyReader(step.codec)
    return (record) => {
      const answer = read(record)
      return answer.kind === 'malformed' ? answer : { ...answer, areParts: true }
    }
  }
  const read = recordReader(step)
  return (record) => {
    const answer = read(record)
    return answer.kind === 'malformed' ? answer : oneRow(answer.row)
  }
}
