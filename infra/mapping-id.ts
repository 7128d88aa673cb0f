// The logical id of the event source mapping that the framework makes of a query's event: what extends the mapping, and what
// watches it, has to know it beforehand.

import { alphanumeric, logicalName } from './names.ts'
import type { Parameters } from './parameters/parameters.ts'
import type { Query } from './queries.ts'
import { clusterArnOf } from './reach.ts'

/** @returns null where there is no mapping: something else invokes the function */
export function mappingId(parameters: Parameters, { name, topic }: Pick<Query, 'name' | 'topic'>): string | null {
  if (parameters.kafka === 'none') return null
  const arn = clusterArnOf(parameters)
  if (arn === null) return logicalId(name, 'Kafka', [topic], 158)
  const cluster = typeof arn === 'string' ? (arn.split('/')[1] ?? '') : arn.Ref
  return logicalId(name, 'MSK', [String(cluster), topic], 79)
}

/** osls and Serverless name the mapping of an event, and cut its parts, like this: `TapeEventSourceMappingKafkaStockticks`. */
const logicalId = (name: string, kind: 'MSK' | 'Kafka', parts: readonly string[], maxLength: number): string =>
  `${logicalName(name)}EventSourceMapping${kind}${parts.map((part) => alphanumeric(part).slice(0, maxLength)).join('')}`
