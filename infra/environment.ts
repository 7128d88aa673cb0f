// What a function is told of the place that it runs in: the variables that lib/lambda/variables.ts reads.

import type { Intrinsic, Service } from './names.ts'
import { authOf } from './parameters/authentication.ts'
import type { Parameters } from './parameters/parameters.ts'
import type { Producer, Query } from './queries.ts'
import { clusterArnOf } from './reach.ts'
import { type Registry, registryVariables } from './registry.ts'
import { deadLetterQueueId } from './resources/queues.ts'
import { type SinkEndpoints, sinkVariables } from './sinks/variables.ts'

/** What a laptop's own paths and addresses are; they never reach a template that is deployed. */
export interface LocalPaths {
  readonly deadLetterFile: string
  readonly dynamoDbEndpoint: string
  /** Hosts that may be dialled beside that machine, comma-separated. */
  readonly allowRemote: string
  /** The address of a schema registry, or '' for the usual one. */
  readonly registryUrl: string
  /** APIs for the sinks of queries. */
  readonly sinkEndpoints: SinkEndpoints
}

export interface Place {
  readonly parameters: Parameters
  readonly service: Service
  readonly stateTable: string
  readonly local: LocalPaths
  /** Whether there is a queue for bad records: a service that only writes has none. */
  readonly hasDeadLetters: boolean
  /** The schema registry of the service. */
  readonly registry: Registry | undefined
}

export type Variables = Readonly<Record<string, string | Intrinsic>>

/** The variables of a function that runs a query, or writes to Kafka. A variable that has no value is not there. */
export function environmentOf(place: Place, role: Query | Producer): Variables {
  const given = { ...commonVariables(place, role), ...('state' in role ? queryVariables(place, role) : {}) }
  const variables = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string | Intrinsic] => entry[1] !== null),
  )
  if (!('sinks' in role)) return variables
  const endpoints = place.parameters.kafka === 'local' ? place.local.sinkEndpoints : null
  return { ...variables, ...sinkVariables(role, endpoints, variables) }
}

/** What a function reads or writes. */
interface Role {
  readonly topic: string
  readonly partitions: number | undefined
  readonly topics?: Query['topics']
}

type Given = Readonly<Record<string, string | Intrinsic | null>>

function commonVariables(
  { parameters, service: { service, stage }, local, hasDeadLetters }: Place,
  { topic, partitions, topics }: Role,
): Given {
  const { kafka, bootstrapServers, credentials, rootCertificate } = parameters
  const clusterArn = clusterArnOf(parameters)
  const isLocal = kafka === 'local'
  return {
    SERVICE: `${service}-${stage}`,
    TOPIC: topics === undefined ? topic : Object.keys(topics).join(','),
    PARTITIONS: partitionsText(partitions, topics),
    KAFKA_BROKERS: clusterArn === null ? bootstrapServers.join(',') : null,
    KAFKA_CLUSTER_ARN: clusterArn,
    KAFKA_AUTH: authOf(parameters),
    KAFKA_CREDENTIALS: isLocal ? null : credentials,
    KAFKA_ROOT_CERTIFICATE: isLocal ? null : rootCertificate,
    DEAD_LETTER_QUEUE_URL: isLocal || !hasDeadLetters ? null : { Ref: deadLetterQueueId },
    DEAD_LETTER_FILE: isLocal ? local.deadLetterFile : null,
    AWS_ENDPOINT_URL_DYNAMODB: isLocal ? local.dynamoDbEndpoint : null,
    ALLOW_REMOTE: isLocal ? local.allowRemote : null,
  }
}

/** One number, or of several topics `trades=3,quotes=2`. */
const partitionsText = (partitions: number | undefined, topics: Role['topics']): string | null => {
  if (topics !== undefined)
    return Object.entries(topics)
      .map((of) => of.join('='))
      .join(',')
  return partitions === undefined ? null : String(partitions)
}

const queryVariables = ({ parameters, stateTable, registry, local }: Place, query: Query): Given => ({
  STATE_TABLE: query.state ? stateTable : null,
  PARTIAL_BATCHES: query.partialBatches ? String(parameters.partialBatches) : null,
  ...registryVariables(registry, parameters, query, local.registryUrl),
})
