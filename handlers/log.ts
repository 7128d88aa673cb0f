// Structured log lines, one JSON object each, and the middleware that writes one for every batch.

import type { MiddlewareObj } from '@middy/core'
import type { StreamingQueryProgress } from '../lib/index.ts'

type Level = 'INFO' | 'WARN' | 'ERROR'

export function log(level: Level, message: string, fields: object = {}): void {
  console.log(JSON.stringify({ level, message, ...fields }))
}

/**
 * Logs the progress of each batch, or why it failed. It never touches the outcome: an `onError` that returned anything
 * would turn the error into a success for middy, the offsets would be committed and the batch lost.
 */
export function batchLog(): MiddlewareObj<unknown, StreamingQueryProgress> {
  return {
    after({ response }) {
      log('INFO', 'batch', { ...response })
    },
    onError({ error }) {
      log('ERROR', 'batch failed', { error: error?.message, stack: error?.stack, cause: String(error?.cause ?? '') })
    },
  }
}
