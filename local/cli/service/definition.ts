// What a command wants to know of serverless.yml: its functions by their keys, the topics that they read, the groups under which
// they read them.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import {
  type PrintedFunction,
  type PrintedQuery,
  type PrintedService,
  readServiceDefinition,
} from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { functionNameOf, readSettings } from 'serverless-offline-kafka-mapping/internal/settings/settings'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { frameworkEnvironment, functionEnvironment } from './environment.ts'
import type { Service } from './service.ts'
import type { CliSettings } from './settings.ts'

/**
 * The definition with all variables filled in, for this machine. It takes the framework a second or two, which is said where
 * somebody looks.
 * @throws LocalError SETTINGS_INVALID in the framework's words
 * @example (await readDefinition(service, settings)).functions
 */
export async function readDefinition(service: Service, settings: CliSettings, stage?: string): Promise<PrintedService> {
  if (process.stderr.isTTY) process.stderr.write(`Reading ${service.definitionFile} ...\n`)
  const environment = frameworkEnvironment(service, settings, process.env)
  return readServiceDefinition({ file: service.definitionFile, stage, environment })
}

/** A function that reads a topic, as the mapping feeds it. */
export interface Consumer {
  readonly functionKey: string
  readonly topic: string
  readonly groupId: string
}

/** @throws LocalError SETTINGS_INVALID or SETTINGS_UNSUPPORTED for a Kafka event that AWS, or the local mapping, would refuse */
export function consumersOf(definition: PrintedService): readonly Consumer[] {
  return readSettings(definition, Date.now())
    .filter(({ enabled }) => enabled)
    .map(({ functionKey, topic, consumerGroupId }) => ({ functionKey, topic, groupId: consumerGroupId }))
}

/**
 * How many partitions the functions are told that a topic has, where they are told: by PARTITIONS of their environment, or by
 * their query. A watermark waits for so many.
 */
export function toldPartitions(definition: PrintedService): ReadonlyMap<string, number> {
  const queries = Object.entries(definition.queries).flatMap(([functionKey, query]) =>
    topicsIn(query).map((topic) => ({ functionKey, topic })),
  )
  return new Map(
    [...queries, ...consumersOf(definition)].flatMap(({ functionKey, topic }) => {
      const { PARTITIONS } = functionEnvironment(definition, definition.functions[functionKey] ?? {})
      const query = Object.hasOwn(definition.queries, functionKey) ? definition.queries[functionKey] : undefined
      const told = Number(countIn(PARTITIONS, topic) ?? query?.topics?.[topic] ?? query?.partitions)
      return Number.isSafeInteger(told) && told > 0 ? [[topic, told] as const] : []
    }),
  )
}

/** The topics that a query reads. */
const topicsIn = ({ topic, topics }: PrintedQuery): readonly string[] =>
  topics === undefined ? [topic] : Object.keys(topics)

/** The count of a topic in the variable PARTITIONS, which is one number, or `trades=3,quotes=2`. */
function countIn(text: string | undefined, topic: string): string | undefined {
  if (!text?.includes('=')) return text
  const found = text.split(',').find((of) => of.startsWith(`${topic}=`))
  return found?.slice(topic.length + 1)
}

/** The topics that the service reads, and those of its sinks, each with how many partitions it is made with. */
export function topicsOf(definition: PrintedService, partitions: number): ReadonlyMap<string, number> {
  const topics = [
    ...consumersOf(definition).map(({ topic }) => topic),
    ...Object.values(definition.queries).flatMap(topicsIn),
  ]
  const told = toldPartitions(definition)
  const written = Object.values(definition.queries)
    .flatMap(({ sinks = {} }) => Object.values(sinks))
    .flatMap((sink) => (sink.topic === undefined ? [] : [[sink.topic, sink.partitions ?? partitions] as const]))
  return new Map([...written, ...topics.map((topic) => [topic, told.get(topic) ?? partitions] as const)])
}

/**
 * @throws LocalError COMMAND_INVALID naming the functions that there are, or how to have one that was left out
 */
export function functionOf(definition: PrintedService, key: string): PrintedFunction {
  const found = Object.hasOwn(definition.functions, key) ? definition.functions[key] : undefined
  if (found !== undefined) return found
  if (definition.leftOut?.includes(key)) {
    const names = [...Object.keys(definition.queries), key].join(',')
    throw new LocalError(
      'COMMAND_INVALID',
      `${key} is left out, since QUERIES does not name it. To do: QUERIES=${names}`,
    )
  }
  const there = Object.keys(definition.functions).join(', ')
  throw new LocalError('COMMAND_INVALID', `The service has no function ${printable(key, 100)}, only ${there}.`)
}

/** The name of a function at serverless-offline's endpoint, and on AWS. */
export const deployedName = (definition: PrintedService, key: string): string =>
  functionNameOf(definition, key, functionOf(definition, key).name)

/** Whether a topic delivers events to the function, also where its mapping is not enabled. */
export function isFedByKafka(definition: PrintedService, key: string): boolean {
  const { events = [] } = functionOf(definition, key)
  const isKafka = (event: unknown) =>
    typeof event === 'object' && event !== null && ('kafka' in event || 'msk' in event)
  return Object.hasOwn(definition.queries, key) || events.some(isKafka)
}

/** Whether this process can run the function. The framework's own runtime is Node. */
export function runsOnNode(definition: PrintedService, key: string): boolean {
  const { handler, runtime = definition.runtime ?? 'nodejs' } = functionOf(definition, key)
  return handler !== undefined && runtime.startsWith('nodejs')
}

/** `rate(1 minute)` and the cron expressions of the same. */
const everyMinute = /^(rate\(1 minute\)|cron\(\* \* \* \* \? \*\)|cron\(\* \* \? \* \* \*\))$/

/** The functions that a schedule invokes each minute. */
export const minutely = ({ functions }: PrintedService): readonly string[] =>
  Object.entries(functions).flatMap(([key, { events = [] }]) =>
    events.some((event) => expressionsOf(event).some((text) => everyMinute.test(text))) ? [key] : [],
  )

/** `schedule: rate(1 minute)`, or an object with `rate`, which may be a list, and `enabled`. */
function expressionsOf(event: unknown): readonly string[] {
  if (typeof event !== 'object' || event === null || !('schedule' in event)) return []
  const { schedule } = event
  if (typeof schedule === 'string') return [schedule]
  if (typeof schedule !== 'object' || schedule === null || !('rate' in schedule)) return []
  if ('enabled' in schedule && schedule.enabled === false) return []
  return [schedule.rate].flat().filter((rate) => typeof rate === 'string')
}
