// A query as a Lambda handler: the event in, one micro-batch, its progress back. A plain async function, so that
// middleware is seen where it is used. It throws when the batch must come again; what it returns is a success, or, with
// partial batches, says which partitions must come again.

import { MicrobatchError, messageOf } from '../error.ts'
import { type BatchResponse, batchResponse } from '../event/batch-response.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import { parseKafkaEvent } from '../event/parse.ts'
import type { DeadLetterSink } from '../sink/dead-letter.ts'
import { stateContainer } from '../state/protocol/container.ts'
import type { StateStore } from '../state/store.ts'
import type { PartitionCounts } from './aggregation/partition-counts.ts'
import { guardContainer } from './container-guard.ts'
import { partialBatch } from './partial-response.ts'
import { topicsOf } from './plan/sources.ts'
import { isStateful } from './plan/stages/staged.ts'
import type { StreamingQuery } from './plan/streaming-query.ts'
import type { MicroBatchResult } from './run/delivery.ts'
import { microBatch } from './run/micro-batch.ts'
import type { StreamingQueryProgress } from './run/progress.ts'

export interface KafkaHandlerOptions {
  /** Where what a stateful query keeps lives between invocations. Required for one. */
  readonly state?: StateStore
  /** Where bad records go. Required: a record is never thrown away because nobody said where to put it. */
  readonly deadLetters: DeadLetterSink
  /**
   * Parts that the state is split into, each with a head item of its own. More than one where a batch touches more than
   * 10,000 groups a second, or more than 100,000 are open (docs/state-protocol.md). Another number is another state.
   * @default 1
   */
  readonly shards?: number
  /** Memory for state that stays in a container between invocations, bytes, an estimate. @default 256 MB */
  readonly maxStateBytes?: number
  /**
   * How many partitions the topic has; with several topics the number of each by its name, unless it is one for all. Required for
   * a watermark with the policy `min`, the default.
   */
  readonly partitions?: PartitionCounts
  /**
   * A partition may fail while the others succeed. Only for a query without state, and only with a mapping that has
   * `FunctionResponseTypes: [ReportBatchItemFailures]`: any other takes every answer for a success, and records are lost.
   * @default false
   */
  readonly partialBatches?: boolean
  /** Takes the progress of each micro-batch that succeeded: one an invocation, with partial batches one a partition. */
  readonly onProgress?: (progress: StreamingQueryProgress) => void
  /** Takes one structured line for each dead letter and each warning. @default a line of JSON on standard output */
  readonly log?: (level: 'WARN', message: string, fields: object) => void
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number
}

/**
 * The Lambda handler of a query, for a Kafka event source mapping of each of its topics. Make it once, outside the invocation.
 *
 * @throws MicrobatchError CONFIG_INVALID where an option is missing that the query needs
 * @throws MicrobatchError from the handler, and the mapping delivers the whole batch again: EVENT_INVALID for a payload
 *   that is no Kafka event of the query's topic, CONFIG_INVALID on Lambda for state or dead letters that a container would
 *   keep to itself, STATE_… from the store, and whatever a sink rejects with
 * @example
 * export const bars = kafkaHandler(barsQuery, { state: dynamoState({ table }), deadLetters, partitions: 3 })
 */
export function kafkaHandler<Row>(
  query: StreamingQuery<Row>,
  options: KafkaHandlerOptions & { readonly partialBatches?: false },
): (event: unknown, context?: unknown) => Promise<StreamingQueryProgress>
export function kafkaHandler<Row>(
  query: StreamingQuery<Row>,
  options: KafkaHandlerOptions,
): (event: unknown, context?: unknown) => Promise<StreamingQueryProgress | BatchResponse>
export function kafkaHandler<Row>(
  query: StreamingQuery<Row>,
  {
    state,
    deadLetters,
    partitions,
    shards = 1,
    maxStateBytes,
    partialBatches = false,
    onProgress = () => undefined,
    log = jsonLine,
    now = Date.now,
  }: KafkaHandlerOptions,
): (event: unknown, context?: unknown) => Promise<StreamingQueryProgress | BatchResponse> {
  const topics = topicsOf(query.plan)
  if ([query.plan, ...query.plan.others].some(({ source }) => source.kind !== 'kafka')) {
    const problem = `${query.name}: a query over plain rows has no topic, so nothing can invoke it.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Begin it with readKafka, or run it with testDriver.`)
  }
  if (partialBatches && isStateful(query.plan)) {
    const problem = `${query.name}: a query with state is all or nothing, so partial batches are not for it.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Leave out partialBatches (docs/guarantees.md says why).`)
  }
  let remainingMs = endless
  const { run } = microBatch(query, {
    deadLetters,
    now,
    remainingMs: () => remainingMs(),
    container: state === undefined ? null : stateContainer(state, maxStateBytes === undefined ? {} : { maxStateBytes }),
    partitions: partitions ?? null,
    shards,
  })
  const silence = silentPartitionWatch()
  const sinks = query.lateSink === null ? query.sinks : [...query.sinks, query.lateSink]
  return async (event, context) => {
    guardContainer(query.name, { state, deadLetters, sinks }, context)
    remainingMs = remainingMsOf(context)
    // Not awaited here: who waits keeps its arguments, and the event is as large as its records and no longer needed.
    return handle(parseKafkaEvent(event).rows)
  }

  async function handle(rows: readonly KafkaRow[]): Promise<StreamingQueryProgress | BatchResponse> {
    const foreign = rows.find(({ topic }) => !topics.includes(topic))
    if (foreign !== undefined) {
      const own = `${topics.length === 1 ? 'topic' : 'topics'} ${topics.join(', ')}`
      const problem = `${query.name} reads the ${own}, and the event has records of ${foreign.topic}.`
      throw new MicrobatchError('EVENT_INVALID', `${problem} Check the topic of its Kafka event in serverless.yml.`)
    }
    if (!partialBatches) return (await oneBatch(rows)).progress
    const { failed, errors } = await partialBatch(rows, oneBatch)
    for (const error of errors) log('WARN', 'partition failed', { query: query.name, error: messageOf(error) })
    return batchResponse(failed)
  }

  async function oneBatch(records: readonly KafkaRow[]): Promise<MicroBatchResult<Row>> {
    const result = await run({ kind: 'records', records })
    for (const { topic, partition, offset, index, timestamp, reason, detail } of result.deadLetters) {
      // A line is cut where it is too long: why comes before where.
      const place = { topic, partition, offset, ...(index === undefined ? {} : { index }), timestamp }
      log('WARN', 'dead letter', { reason, detail, query: query.name, ...place })
    }
    for (const warning of result.warnings) log('WARN', warning, { query: query.name })
    const waiting = silence(result.progress)
    if (waiting !== null) log('WARN', waiting, { query: query.name })
    onProgress(result.progress)
    return result
  }
}

/** A partition that delivers nothing at all keeps every window open: said once, after so many batches. */
const patienceBatches = 10

function silentPartitionWatch(): (progress: StreamingQueryProgress) => string | null {
  let batches = 0
  return ({ eventTime }) => {
    const heldBackBy = eventTime?.heldBackBy
    batches = heldBackBy !== undefined && heldBackBy.eventTime === null ? batches + 1 : 0
    if (batches !== patienceBatches) return null
    const problem = `no window can close: ${heldBackBy?.partition} has delivered no event time in ${batches} batches.`
    return `${problem} Check the partition count, or do not wait for silent partitions (idleTimeout).`
  }
}

const endless = (): number => Number.POSITIVE_INFINITY

/** The runtime of Lambda, and serverless-offline, say when they end an invocation; a tool that calls the handler has no end. */
function remainingMsOf(context: unknown): () => number {
  const says: unknown = Object(context).getRemainingTimeInMillis
  return typeof says === 'function' ? () => Number(says.call(context)) : endless
}

const jsonLine = (level: string, message: string, fields: object): void =>
  console.log(JSON.stringify({ level, message, ...fields }))
