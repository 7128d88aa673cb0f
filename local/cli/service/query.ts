// The query of a function, in batch mode: the module of a handler exports it as `<key>Query`, beside the handler. What it says
// against a person's data is said in words.
import { type StreamingQuery, type TopicBatch, topicBatch } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { loadHandlerModule } from './handler-module.ts'
import type { Service } from './service.ts'

/** Starts a query once more, over nothing yet. */
export type StartBatch = () => TopicBatch

/**
 * @param functionKey of serverless.yml
 * @returns undefined where the module of the function exports no query under its name
 * @throws LocalError COMMAND_INVALID naming the functions that there are; SETTINGS_INVALID; QUERY_FAILED
 */
export async function findBatchQuery(
  service: Service,
  definition: PrintedService,
  functionKey: string,
): Promise<StartBatch | undefined> {
  const { exports } = await loadHandlerModule(service, definition, functionKey)
  const query = queryIn(exports, functionKey)
  return query === undefined ? undefined : () => topicBatch(query)
}

/**
 * @throws LocalError as findBatchQuery, and COMMAND_INVALID where the function has no query
 * @example const start = await batchQuery(service, definition, 'totals'); start().add(records)
 */
export async function batchQuery(
  service: Service,
  definition: PrintedService,
  functionKey: string,
): Promise<StartBatch> {
  const start = await findBatchQuery(service, definition, functionKey)
  if (start !== undefined) return start
  const { handler } = definition.functions[functionKey] ?? {}
  const problem = `The module of ${handler} exports no ${functionKey}Query`
  throw new LocalError('COMMAND_INVALID', `${problem}: export the query beside the handler, under that name.`)
}

/** The query of a function in the module of its handler; undefined where it exports none. */
export function queryIn(exports: Readonly<Record<string, unknown>>, functionKey: string): StreamingQuery | undefined {
  const query = exports[`${functionKey}Query`]
  return isQuery(query) ? query : undefined
}

/** What `writeStream` gives. Its copy of the library may be another than ours, so it is known by its shape. */
function isQuery(value: unknown): value is StreamingQuery {
  return typeof value === 'object' && value !== null && 'plan' in value && 'sinks' in value && 'outputMode' in value
}

/** Says what a query refused as a line for a person; anything else is a defect and goes on as it is. */
export async function sayingWhatFailed<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'MicrobatchError') throw error
    throw new LocalError('QUERY_FAILED', error.message, { cause: error })
  }
}
