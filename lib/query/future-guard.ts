// The future guard: a row whose event time lies too far after its record's Kafka timestamp is a bad record. Without it one
// tick in microseconds pushes the watermark past everything for ever (Spark has no such guard).

import { type Malformed, malformed } from '../decode/codec.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import type { PlanRow } from './plan.ts'
import type { StreamingQuery } from './streaming-query.ts'

/**
 * The guard of a query. It looks at every timestamp column that the codec yields; a record without a Kafka timestamp
 * passes, since there is nothing to compare with.
 */
export function futureGuard(query: StreamingQuery): (row: PlanRow, record: KafkaRow) => Malformed | null {
  const { maxFutureMs } = query
  const { source } = query.plan
  const schema = source.kind === 'kafka' ? source.decode?.codec.schema : undefined
  const columns = Array.from(schema?.columns ?? [], ([name, { kind }]) => (kind === 'timestamp' ? [name] : [])).flat()
  if (maxFutureMs === null || columns.length === 0) return () => null
  return (row, { timestamp, timestampType }) => {
    if (timestampType === -1) return null
    for (const name of columns) {
      const eventTime = row[name]
      if (typeof eventTime !== 'number' || eventTime - timestamp <= maxFutureMs) continue
      const ahead = `${eventTime - timestamp} ms after the record's timestamp ${timestamp}; allowed: ${maxFutureMs} ms`
      return malformed('FROM_THE_FUTURE', `column ${name}: ${eventTime} is ${ahead}`)
    }
    return null
  }
}
