// Structured log lines, one JSON object each (Powertools' logger), and the middleware that binds them to their invocation.

import { Logger } from '@aws-lambda-powertools/logger'
import type { MiddlewareObj } from '@middy/core'
import type { StreamingQueryProgress } from 'microbatch'

type Level = 'INFO' | 'WARN' | 'ERROR'

const logger = new Logger({ serviceName: 'microbatch' })

const writers = {
  INFO: (message: string, fields: object) => logger.info(message, { ...fields }),
  WARN: (message: string, fields: object) => logger.warn(message, { ...fields }),
  ERROR: (message: string, fields: object) => logger.error(message, { ...fields }),
} satisfies Record<Level, (message: string, fields: object) => void>

/** The logger has a `timestamp` of its own, when the line was written; a record's comes as `recordTimestamp`. */
export function log(level: Level, message: string, fields: object = {}): void {
  const { timestamp: recordTimestamp, ...rest } = { timestamp: undefined, ...fields }
  writers[level](message, recordTimestamp === undefined ? rest : { ...rest, recordTimestamp })
}

/** The one line of a batch: its progress in Spark's names, its `timestamp` as `started`. */
export function logBatch({ timestamp, ...progress }: StreamingQueryProgress): void {
  logger.info('batch', { ...progress, started: timestamp })
}

/**
 * Gives every line the id of its invocation, and logs why one failed. It never touches the outcome: an `onError` that
 * returned anything would turn the error into a success for middy, the offsets would be committed and the batch lost.
 *
 * @param failure the message of that line
 */
export function invocationLog(failure = 'batch failed'): MiddlewareObj {
  return {
    before({ context }) {
      logger.appendKeys({ requestId: context.awsRequestId })
    },
    onError({ error }) {
      const { message, stack, cause } = error ?? {}
      log('ERROR', failure, { error: message, stack, cause: String(cause ?? '') })
    },
  }
}
