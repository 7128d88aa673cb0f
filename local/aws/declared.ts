// The buckets and queues that the queries of a service declare for their sinks (custom.microbatch.queries): what an S3 and an SQS on
// this machine are for. Pure.
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'

export interface DeclaredPlaces {
  readonly buckets: readonly string[]
  readonly queues: readonly string[]
}

/**
 * Each once, in the order of the queries. What is declared by an ARN has its name here.
 * @example declaredPlaces({ bars: { topic: 'ticks', sinks: { BUCKET: { bucket: 'archive' } } } }).buckets // ['archive']
 */
export function declaredPlaces(queries: PrintedService['queries']): DeclaredPlaces {
  const sinks = Object.values(queries).flatMap((query) => Object.values(query.sinks ?? {}))
  const names = (kind: 'bucket' | 'queue') =>
    Array.from(new Set(sinks.flatMap((sink) => sink[kind]?.split(':').at(-1) ?? [])))
  return { buckets: names('bucket'), queues: names('queue') }
}
