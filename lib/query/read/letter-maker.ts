// The dead letter of a record that is no row; or an error, where the query asks for one.

import type { Malformed } from '../../decode/codec.ts'
import { MicrobatchError } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import { type Coordinates, place } from '../../event/located-row.ts'
import { type DeadLetter, deadLetterOf } from '../../sink/dead-letter.ts'
import type { Refusal } from '../held/refusal.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'

/** @param record with an index where it is one of several rows that is bad */
export type LetterMaker = (record: KafkaRow & Coordinates, outcome: Malformed | Refusal) => DeadLetter

/**
 * @returns a function that throws MicrobatchError RECORD_MALFORMED under the policy `fail`, FUNCTION_FAILED with onFunctionError
 *   `fail`; both name the record
 */
export function letterMaker(query: StreamingQuery): LetterMaker {
  const { source } = query.plan
  const policy = source.kind === 'kafka' ? source.decode?.codec.malformed : undefined
  return (record, outcome) => {
    if (outcome.kind === 'malformed' && policy === 'fail') throw badRecord(query, record, outcome)
    if (outcome.reason === 'FUNCTION_FAILED' && query.onFunctionError === 'fail') {
      throw badFunction(query, record, outcome)
    }
    return deadLetterOf(query.name, record, outcome.reason, outcome.detail)
  }
}

const badRecord = ({ name }: StreamingQuery, at: Coordinates, { reason, detail }: Malformed): MicrobatchError => {
  const problem = `${name}: ${place(at)} is bad (${reason}: ${detail}) and the policy is "fail".`
  return new MicrobatchError('RECORD_MALFORMED', `${problem} Mend the record or choose another policy.`, { at })
}

const badFunction = ({ name }: StreamingQuery, at: Coordinates, { detail, ...refusal }: Refusal | Malformed) => {
  const problem = `${name}: on ${place(at)} ${detail}`
  return new MicrobatchError('FUNCTION_FAILED', problem, { at, cause: 'cause' in refusal ? refusal.cause : undefined })
}
