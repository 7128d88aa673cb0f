// The first half of a micro-batch: records -> located rows, through the codec, the future guard and the row operators. A
// bad record becomes a dead letter, or what the codec's policy says, and the batch goes on.

import type { Decoded, Malformed } from '../decode/codec.ts'
import { MicrobatchError } from '../error.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import { type DeadLetter, deadLetterOf } from '../sink/dead-letter.ts'
import { futureGuard } from './future-guard.ts'
import type { PlanRow } from './plan.ts'
import { compileOperators } from './row-operators.ts'
import type { StreamingQuery } from './streaming-query.ts'

/** A row and the record it came from. */
export interface LocatedRow {
  readonly row: PlanRow
  readonly record: KafkaRow
}

export interface DecodedBatch {
  readonly rows: readonly LocatedRow[]
  readonly deadLetters: readonly DeadLetter[]
  /** Bad records left out under the policy `drop`. */
  readonly numDropped: number
}

/**
 * Prepares the decoding of a query, once; the function it returns keeps nothing between batches.
 *
 * @throws MicrobatchError, from that function: RECORD_MALFORMED under the policy `fail`, FUNCTION_FAILED where a function
 *   of the query threw; both name the record
 */
export function compileRecords(query: StreamingQuery): (records: readonly KafkaRow[]) => DecodedBatch {
  const { source, operators } = query.plan
  const step = source.kind === 'kafka' ? source.decode : null
  const policy = step?.codec.malformed ?? 'deadLetter'
  const map = step?.map ?? null
  const guard = futureGuard(query)
  const operate = compileOperators(operators)

  // A Kafka stream that nothing decodes has the records themselves as its rows.
  const decode = (record: KafkaRow): Decoded<unknown> =>
    step?.codec.decode(record.value) ?? { kind: 'row', row: record }

  return (records) => {
    const rows: LocatedRow[] = []
    const deadLetters: DeadLetter[] = []
    let numDropped = 0

    const setAside = (record: KafkaRow, { reason, detail }: Malformed): void => {
      if (policy === 'fail') {
        const problem = `${query.name}: ${place(record)} is bad (${reason}: ${detail}) and the policy is "fail".`
        throw new MicrobatchError('RECORD_MALFORMED', `${problem} Mend the record or choose another policy.`)
      }
      if (policy === 'drop') numDropped += 1
      else deadLetters.push(deadLetterOf(query.name, record, reason, detail))
    }

    for (const record of records) {
      const decoded = decode(record)
      if (decoded.kind === 'malformed') {
        setAside(record, decoded)
        continue
      }
      const value = decoded.row as PlanRow
      const early = guard(value, record)
      if (early !== null) {
        setAside(record, early)
        continue
      }
      const row = runFunctions(query, record, () => {
        const mapped = map === null ? value : map(value, record)
        return mapped === undefined ? undefined : operate(mapped)
      })
      if (row !== undefined) rows.push({ row, record })
    }
    return { rows, deadLetters, numDropped }
  }
}

const place = ({ topic, partition, offset }: KafkaRow): string => `${topic}-${partition}@${offset}`

function runFunctions<Result>(query: StreamingQuery, record: KafkaRow, run: () => Result): Result {
  try {
    return run()
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new MicrobatchError('FUNCTION_FAILED', `${query.name}: a function threw on ${place(record)}: ${problem}`, {
      cause,
    })
  }
}
