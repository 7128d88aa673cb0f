// What goes back over HTTP: JSON that nobody keeps, since the next batch changes it, and problems in words. No other origin is let in: a
// page of another site gets no answer out of a browser (CORS).

import type { APIGatewayProxyStructuredResultV2 as Result } from 'aws-lambda'
import { MicrobatchError } from 'microbatch'
import { log } from '../log.ts'

/** @param json the text of the body */
export const answer = (statusCode: number, json: string, headers: Readonly<Record<string, string>> = {}): Result => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: json,
})

/** @param retrySeconds when to ask again, where that helps */
export const problem = (statusCode: number, error: string, retrySeconds?: number): Result =>
  answer(
    statusCode,
    JSON.stringify({ error }),
    retrySeconds === undefined ? {} : { 'retry-after': String(retrySeconds) },
  )

/** Whoever asks is told that it failed; why stands in the log, as it may name tables and hosts. */
export function failure(error: unknown): Result {
  log('ERROR', 'question failed', { error: error instanceof Error ? error.message : String(error) })
  const code = error instanceof MicrobatchError ? error.code : undefined
  if (code === 'STATE_INCOMPATIBLE') return problem(503, 'The state is of another version of the query.', 30)
  if (code === 'STATE_FAILED' || code === 'STATE_CONFLICT') return problem(503, 'The state does not answer.', 1)
  return problem(500, 'The question failed; the log of the function says why.')
}
