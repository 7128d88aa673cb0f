// All resources of a deployment, as one part of its template: what the queries and the producers need, and no more.

import type { Asker } from '../askers/asker.ts'
import { askerRole } from '../askers/role.ts'
import { mappingId } from '../mapping-id.ts'
import type { Service } from '../names.ts'
import type { Parameters } from '../parameters/parameters.ts'
import type { Producer, Query } from '../queries.ts'
import type { Registry } from '../registry.ts'
import { sinkResources } from '../sinks/resources.ts'
import { sinkTopics } from '../sinks/sink.ts'
import { alarms, type WatchedQuery } from './alarms.ts'
import { cluster, topicId } from './cluster.ts'
import { network } from './network.ts'
import { queues } from './queues.ts'
import { producerRole, queryRole } from './roles.ts'
import { table } from './table.ts'
import type { Output, Resource, TemplatePart } from './template.ts'

export interface ResourceOptions {
  readonly service: Service
  readonly parameters: Parameters
  readonly queries: readonly Query[]
  readonly producers: readonly Producer[]
  readonly askers: readonly Asker[]
  readonly stateTable: string
  /** Topics, by their logical ids. */
  readonly topicIds: Readonly<Record<string, string>>
  /** The functions, by their keys, that brought a role of their own. */
  readonly ownRoles: ReadonlySet<string>
  /** The schema registry of the service. */
  readonly registry: Registry | undefined
}

/** The framework's `resources`. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
  readonly Outputs: Readonly<Record<string, Output>>
  readonly extensions: Readonly<Record<string, object>>
}

/** @returns with the logical ids of the topics that the stack makes, by their names */
export function resourcesOf(options: ResourceOptions): Omit<Template, 'extensions'> & {
  readonly topicIds: ReadonlyMap<string, string>
} {
  const { service, parameters, queries, producers, stateTable } = options
  const { keepData, maxLag, alarmEmail: email, dataKey } = parameters
  const data = { keepData, dataKey }
  const topics = parameters.kafka === 'msk-new' ? topicsOf(options) : []
  const name = `${service.service}-${service.stage}`
  const parts: readonly TemplatePart[] = [
    { Resources: Object.fromEntries(rolesOf(options)) },
    ...(queries.some(({ state }) => state) ? [table(stateTable, data)] : []),
    ...(queries.length === 0 ? [] : [queues(data)]),
    sinkResources(queries, data),
    alarms({ queries: queries.map(watched(parameters)), producers, maxLag, email, dataKey }),
    ...(parameters.kafka === 'msk-new'
      ? [{ Resources: network(name, keepData) }, cluster({ ...parameters, name }, topics)]
      : []),
  ]
  return {
    Resources: Object.assign({}, ...parts.map(({ Resources }) => Resources)),
    Outputs: Object.assign({}, ...parts.map(({ Outputs = {} }) => Outputs)),
    topicIds: new Map(topics.map(({ topic, logicalId }) => [topic, logicalId])),
  }
}

/** A laptop's mapping is not AWS's, and sends it no metrics. */
const watched =
  (parameters: Parameters) =>
  (query: Query): WatchedQuery => ({
    name: query.name,
    topic: query.topics === undefined ? null : query.topic,
    mappingId: parameters.kafka === 'local' ? null : mappingId(parameters, query),
  })

const rolesOf = ({
  parameters,
  queries,
  producers,
  askers,
  ownRoles,
  registry,
}: ResourceOptions): readonly (readonly [string, Resource])[] => [
  ...producers.filter(({ name }) => !ownRoles.has(name)).map((producer) => producerRole(parameters, producer)),
  ...askers.filter(({ name }) => !ownRoles.has(name)).map((asker) => askerRole(parameters, asker)),
  ...Array.from(
    Map.groupBy(
      queries.filter(({ name }) => !ownRoles.has(name)),
      ({ name }) => name,
    ).values(),
  ).flatMap((sources) => sources.slice(0, 1).map((query) => queryRole(parameters, query, sources, registry))),
]

/** Each topic once, in the order in which they are first named. */
const topicsOf = ({ queries, producers, topicIds }: ResourceOptions) =>
  Array.from(
    new Map(
      [...queries.flatMap(sinkTopics), ...producers, ...queries].map(({ topic, partitions }) => [topic, partitions]),
    ),
    ([topic, partitions]) => ({ topic, partitions, logicalId: topicId(topic, topicIds) }),
  )
