// The future guard: a row whose event time lies too far after its record's Kafka timestamp is a bad record. Without it one
// tick in microseconds pushes the watermark past everything for ever (Spark has no such guard).

import { type Malformed, malformed } from '../decode/codec.ts'
import type { Coordinates } from './coordinates.ts'
import type { Plan, PlanRow } from './plan.ts'
import type { StreamingQuery } from './streaming-query.ts'

/**
 * The guard of a query, for rows as they are where the watermark is defined. It looks at the watermark's column; in a
 * query without one, at every timestamp column that the codec yields. A record without a Kafka timestamp passes, since
 * there is nothing to compare with.
 */
export function futureGuard(query: StreamingQuery): (row: PlanRow, at: Coordinates) => Malformed | null {
  const { maxFutureMs, plan } = query
  const columns = guardedColumns(plan)
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

function guardedColumns({ source, watermark }: Plan): readonly string[] {
  if (watermark !== null) return [watermark.column]
  if (source.kind !== 'kafka' || source.decode === null) return []
  const { columns } = source.decode.codec.schema
  return Array.from(columns).flatMap(([name, { kind }]) => (kind === 'timestamp' ? [name] : []))
}
