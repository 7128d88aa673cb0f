// The whole of a deployment, from the list of its queries and producers and its parameters: the events, variables and network of
// each function, and the resources beside them. Pure: what is known of the place comes in as an argument.

import * as z from 'zod'
import { readAskers } from './askers/asker.ts'
import { askerVariables } from './askers/variables.ts'
import { environmentOf, type LocalPaths, type Variables } from './environment.ts'
import type { GivenFunction } from './functions.ts'
import { kafkaMapping } from './mapping.ts'
import { logicalName, type Service } from './names.ts'
import { type Parameters, readParameters } from './parameters/parameters.ts'
import { type Query, readProducers, readQueries } from './queries.ts'
import { type Network, producerNetwork } from './reach.ts'
import { problemsOf, Refusal } from './refusal.ts'
import { RegistrySettings, refuseRegistry } from './registry.ts'
import { resourcesOf, type Template } from './resources/resources.ts'
import { refuseSinks, sinkTopics } from './sinks/sink.ts'

export interface DeploymentInput {
  readonly service: Service
  /** By name; an empty one is one that was not given. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly functions: readonly GivenFunction[]
  /** `custom.microbatch` of serverless.yml. */
  readonly settings: unknown
  readonly local: LocalPaths
}

/** What the commands of a laptop read, as `custom.microbatch.queries`. */
export type QuerySummary = Pick<Query, 'topic' | 'partitions' | 'topics' | 'consumerGroupId' | 'state'> &
  Partial<Pick<Query, 'sinks'>>

export interface Deployment {
  readonly queries: Readonly<Record<string, QuerySummary>>
  /** By the functions' keys. */
  readonly events: Readonly<Record<string, readonly unknown[]>>
  readonly environment: Readonly<Record<string, Variables>>
  /** Null where a function is in no network. */
  readonly vpc: Readonly<Record<string, Network | null>>
  readonly resources: Template
  /** False for a laptop's: its addresses and paths are of that machine. */
  readonly isDeployable: boolean
}

const Settings = z.strictObject({
  /** The name of the table of all queries with state. */
  stateTable: z.string().min(1).optional(),
  /** Topics that the stack makes (kafka=msk-new), by their logical ids, where these are not KafkaTopic and the topic's name. */
  topicIds: z.record(z.string().regex(/^[0-9A-Za-z]+$/), z.string()).default({}),
  /** The schema registry of queries that say who asks it. */
  registry: RegistrySettings.optional(),
})

/**
 * @throws Refusal naming what is wrong with a query, a producer, a parameter or a setting
 * @example deployment({ service: { service: 'shop', stage: 'dev' }, parameters: {}, functions, settings: {}, local }).queries
 */
export function deployment({ service, functions, local, ...input }: DeploymentInput): Deployment {
  const settings = readSettings(input.settings)
  const queries = readQueries(functions, service)
  const producers = readProducers(functions, service, queries)
  const askers = readAskers(functions, service, queries)
  /** The functions that write to Kafka. */
  const writers = [...producers, ...queries.filter((query) => sinkTopics(query).length > 0)]
  const parameters = readParameters(input.parameters, { producers: writers.length > 0 })
  const { registry } = settings
  refuseRegistry(registry, parameters, queries)
  refuseSinks(queries)
  const stateTable = settings.stateTable ?? `${service.service}-${service.stage}-state`
  const place = { parameters, service, stateTable, local, hasDeadLetters: queries.length > 0, registry }
  const { topicIds, ...resources } = resourcesOf({
    ...place,
    queries,
    producers,
    askers,
    topicIds: settings.topicIds,
    ownRoles: new Set(functions.filter(({ hasRole }) => hasRole).map(({ key }) => key)),
  })
  const asking = { registry, localUrl: local.registryUrl }
  const mappings = queries.map((query) => ({ name: query.name, ...kafkaMapping(parameters, query, topicIds, asking) }))
  const own = new Map(functions.map((given) => [given.key, given]))
  return {
    // The first of a function's topics stands for it.
    queries: Object.fromEntries(
      Array.from(Map.groupBy(queries, ({ name }) => name).values(), ([query]) => query)
        .filter((query) => query !== undefined)
        .map((query) => [query.name, summaryOf(query)]),
    ),
    events: Object.fromEntries([
      ...Array.from(
        Map.groupBy(mappings, ({ name }) => name),
        ([name, ofFunction]) =>
          [
            name,
            [...(own.get(name)?.events ?? []), ...ofFunction.flatMap(({ event }) => (event === null ? [] : [event]))],
          ] as const,
      ),
      ...askers.map(({ name, isPublic }) => {
        const isThere = isPublic || parameters.kafka === 'local'
        return [name, isThere ? (own.get(name)?.events ?? []) : []] as const
      }),
    ]),
    environment: Object.fromEntries([
      ...[...queries, ...producers].map((role) => [
        role.name,
        { ...environmentOf(place, role), ...variablesOf(own.get(role.name)) },
      ]),
      // The settings of a query are those of whoever asks it, so that both make the same query of them.
      ...askers.map(({ name, query }) => [
        name,
        { ...askerVariables(place, query), ...variablesOf(own.get(query.name)), ...variablesOf(own.get(name)) },
      ]),
    ]),
    vpc: Object.fromEntries([
      // The plugin asks for that of every query with sinks.
      ...queries.filter(({ sinks }) => Object.keys(sinks).length > 0).map(({ name }) => [name, null] as const),
      ...writers.map(({ name }) => [name, producerNetwork(parameters)] as const),
    ]),
    resources: {
      ...resources,
      extensions: Object.assign(
        logGroupExtensions(parameters, [...queries, ...producers, ...askers]),
        ...mappings.map(({ extensions }) => extensions),
      ),
    },
    isDeployable: parameters.kafka !== 'local',
  }
}

/** The framework makes the log groups, and has no word for their key. */
const logGroupExtensions = (
  { dataKey }: Parameters,
  functions: readonly { readonly name: string }[],
): Readonly<Record<string, object>> =>
  dataKey === null
    ? {}
    : Object.fromEntries(
        functions.map(({ name }) => [`${logicalName(name)}LogGroup`, { Properties: { KmsKeyId: dataKey } }]),
      )

const summaryOf = ({ topic, partitions, topics, consumerGroupId, state, sinks }: Query): QuerySummary => ({
  topic,
  partitions,
  ...(topics === undefined ? {} : { topics }),
  consumerGroupId,
  state,
  ...(Object.keys(sinks).length === 0 ? {} : { sinks }),
})

/** What a function sets itself goes before ours. The framework checks its form. */
const variablesOf = (given: GivenFunction | undefined): Variables => (given?.environment ?? {}) as Variables

function readSettings(given: unknown): z.infer<typeof Settings> {
  const result = Settings.safeParse(given ?? {})
  if (result.success) return result.data
  throw new Refusal(`custom.microbatch: ${problemsOf(result.error)}. It takes stateTable, topicIds and registry.`)
}
