// The application's queries in batch mode: handlers/batch.ts, found by its path, since local/ imports nothing of an
// application. What it throws at a person's data is said in words.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KafkaRow } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { projectDir } from './settings.ts'

/** What handlers/batch.ts exports; a test holds the two together. */
export interface BatchModule {
  readonly queryNames: readonly string[]
  readonly startBatch: (name: string) => BatchRun
}

export interface BatchRun {
  readonly topic: string
  readonly outputMode: string
  add(records: readonly KafkaRow[]): Promise<void>
  result(): BatchResult
}

export interface BatchResult {
  readonly table: string
  readonly numRows: number
  readonly numBad: number
  readonly firstBad: readonly string[]
}

/**
 * @returns a function that starts the query once more
 * @throws LocalError COMMAND_INVALID naming the queries that there are
 * @example const start = await batchQuery('bars'); const run = start()
 */
export async function batchQuery(name: string): Promise<() => BatchRun> {
  const module: BatchModule = await import(pathToFileURL(join(projectDir, 'handlers/batch.ts')).href)
  if (!module.queryNames.includes(name)) {
    const there = module.queryNames.join(', ')
    throw new LocalError('COMMAND_INVALID', `handlers/consumer.ts has no query ${name}, only ${there}.`)
  }
  return () => module.startBatch(name)
}

/** Says what a query refused as a line for a person; anything else is a defect and goes on as it is. */
export async function sayingWhatFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'MicrobatchError') throw error
    throw new LocalError('QUERY_FAILED', error.message, { cause: error })
  }
}
