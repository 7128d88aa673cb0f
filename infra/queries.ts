// The list that everything in this folder follows from: the queries and the producers of a service, each checked, with its
// defaults filled in.

import * as z from 'zod'
import { flag } from './flag.ts'
import { type GivenFunction, isObject } from './functions.ts'
import { alphanumeric, consumerGroupId, type Service } from './names.ts'
import { problemsOf, Refusal } from './refusal.ts'
import { Sinks } from './sinks/sink.ts'

const topicName = z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, 'expected the name of a topic')
/** A variable of the environment comes as text. */
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

const QueryEvent = z.strictObject({
  topic: topicName,
  /** How many partitions the topic has: a watermark waits for all of them. */
  partitions: count(1, 100_000),
  /** The query keeps something between batches, and gets the table. */
  state: flag.default(false),
  /** One partition may fail alone, where the deployment asks for it (parameter partialBatches); only without state. */
  partialBatches: flag.default(false),
  // Limits: API CreateEventSourceMapping. A thousand is enough for a few seconds of a busy topic; 6 MB end a batch in any case.
  batchSize: count(1, 10_000).default(10_000),
  /** In seconds. The window opens at the first record. */
  maximumBatchingWindow: count(0, 300).default(3),
  startingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']).default('TRIM_HORIZON'),
  /** In seconds since 1970. */
  startingPositionTimestamp: z.coerce.number().optional(),
  enabled: flag.optional(),
  /** It is there only where the variable QUERIES names it (chosen-queries.ts). */
  optional: flag.optional(),
  filterPatterns: z.array(z.looseObject({})).max(10).optional(),
  consumerGroupId: z.string().max(200).optional(),
  /** Who asks the registry of the service: the codec, or the mapping, which gives JSON, or the source without its header. */
  registry: z.enum(['codec', 'json', 'source']).optional(),
  /** Where its rows go on AWS, by the variables of the function. */
  sinks: Sinks.default({}),
})

const { topic: _, partitions: __, ...shared } = QueryEvent.shape
/** A query of several topics: the function has a mapping for each. */
const SeveralTopics = z.strictObject({
  /** The partitions of each, by its name. */
  topics: z.record(topicName, count(1, 100_000), {
    error: ({ code }) =>
      code === 'invalid_type' ? 'expected the partitions of each, as { trades: 3, quotes: 2 }' : undefined,
  }),
  ...shared,
})

export type Query = Omit<z.infer<typeof QueryEvent>, 'consumerGroupId'> & {
  /** The function's key in serverless.yml. */
  readonly name: string
  /** The function's name on AWS. */
  readonly functionName: string
  readonly consumerGroupId: string
  /** Where the query reads several topics: the partitions of each. There is a query in the list for each of them. */
  readonly topics?: Readonly<Record<string, number>>
}

const Produces = z.preprocess(
  (value) => (typeof value === 'string' ? { topic: value } : value),
  z.strictObject({ topic: topicName, partitions: count(1, 100_000).optional() }),
)

export interface Producer {
  /** The function's key in serverless.yml. */
  readonly name: string
  /** The function's name on AWS. */
  readonly functionName: string
  readonly topic: string
  /** Undefined where neither it nor a query of the topic says so. */
  readonly partitions: number | undefined
  /** A schedule invokes it once a minute. */
  readonly isEachMinute: boolean
}

/**
 * @throws Refusal naming the function, the key that is wrong, and what it takes
 * @example readQueries([{ key: 'bars', queries: [{ topic: 'stock-ticks', partitions: 3 }], … }], { service: 'shop', stage: 'dev' })
 */
export function readQueries(functions: readonly GivenFunction[], service: Service): readonly Query[] {
  const queries = functions.flatMap(({ key, name, queries: [given, ...more], produces }) => {
    if (given === undefined) return []
    if (more.length > 0)
      throw new Refusal(`functions.${key}: one query to a function. Give the other its own function.`)
    if (produces !== undefined) {
      throw new Refusal(
        `functions.${key}: a function runs a query or produces, each with a role of its own. Make it two.`,
      )
    }
    const place = { name: key, functionName: functionName(service, key, name) }
    if (!isObject(given) || !('topics' in given)) {
      const event = readEvent(QueryEvent, key, given)
      refuseContradictions(key, event)
      return [
        { ...event, ...place, consumerGroupId: event.consumerGroupId ?? consumerGroupId(service, key, event.topic) },
      ]
    }
    const { topics, ...event } = readEvent(SeveralTopics, key, given)
    refuseContradictions(key, event)
    refuseNames(key, Object.keys(topics))
    return Object.entries(topics).map(([topic, partitions]) => ({
      ...event,
      ...place,
      topic,
      partitions,
      topics,
      // Kafka gives the partitions of a topic to the members of a group, and these members read different ones.
      consumerGroupId:
        event.consumerGroupId === undefined
          ? consumerGroupId(service, key, topic)
          : `${event.consumerGroupId}-${topic}`,
    }))
  })
  refuseTwoCounts(queries)
  return queries
}

function readEvent<Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, key: string, given: unknown) {
  return read(schema, given, `functions.${key}: query`, ` A query takes ${Object.keys(schema.shape).join(', ')}.`)
}

/** The framework names a mapping by the letters and digits of its topic. */
function refuseNames(key: string, topics: readonly string[]): void {
  if (topics.length === 0)
    throw new Refusal(`functions.${key}: query: topics names none. Give each with its partitions.`)
  const [alike] = [...Map.groupBy(topics, alphanumeric).values()].filter((same) => same.length > 1)
  if (alike === undefined) return
  throw new Refusal(`functions.${key}: query: the mappings of ${alike.join(' and ')} would have one name.`)
}

type Shared = Pick<
  z.infer<typeof QueryEvent>,
  'state' | 'partialBatches' | 'startingPosition' | 'startingPositionTimestamp'
>

function refuseContradictions(key: string, { state, partialBatches, ...event }: Shared): void {
  if (state && partialBatches) {
    throw new Refusal(`functions.${key}: a query with state is all or nothing. Leave out partialBatches.`)
  }
  if ((event.startingPosition === 'AT_TIMESTAMP') !== (event.startingPositionTimestamp !== undefined)) {
    throw new Refusal(`functions.${key}: startingPosition: AT_TIMESTAMP and startingPositionTimestamp go together.`)
  }
}

function refuseTwoCounts(queries: readonly Query[]): void {
  for (const [topic, [first, ...rest]] of Map.groupBy(queries, ({ topic }) => topic)) {
    const other = rest.find(({ partitions }) => partitions !== first?.partitions)
    if (first === undefined || other === undefined) continue
    const counts = `${first.name} says ${first.partitions}, ${other.name} says ${other.partitions}`
    throw new Refusal(`The topic ${topic} has one count of partitions: ${counts}.`)
  }
}

/** @throws Refusal naming the function and what is wrong */
export function readProducers(
  functions: readonly GivenFunction[],
  service: Service,
  queries: readonly Query[],
): readonly Producer[] {
  return functions.flatMap(({ key, name, produces, events }) => {
    if (produces === undefined) return []
    const { topic, partitions } = read(Produces, produces, `functions.${key}: produces`, ' It takes a topic.')
    return [
      {
        name: key,
        functionName: functionName(service, key, name),
        topic,
        partitions: queries.find((query) => query.topic === topic)?.partitions ?? partitions,
        isEachMinute: events.some(isEachMinute),
      },
    ]
  })
}

/** The framework's name for a function on AWS, where it is given none. */
export const functionName = ({ service, stage }: Service, key: string, given: string | undefined): string =>
  given ?? `${service}-${stage}-${key}`

const eachMinute = new Set(['cron(* * * * ? *)', 'cron(*/1 * * * ? *)', 'rate(1 minute)'])

/** The forms of a schedule event: `schedule: rate`, and `schedule: { rate }` of one or several. */
function isEachMinute(event: unknown): boolean {
  if (typeof event !== 'object' || event === null || !('schedule' in event)) return false
  const { schedule } = event
  const rates = typeof schedule === 'object' && schedule !== null && 'rate' in schedule ? schedule.rate : schedule
  return [rates].flat().some((rate) => typeof rate === 'string' && eachMinute.has(rate))
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string, advice: string) {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Refusal(`${where}: ${problemsOf(result.error)}.${advice}`)
}
