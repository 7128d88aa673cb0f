// What a function with ReportBatchItemFailures answered: which records failed, or that the answer is none (developer guide,
// "Configuring error handling controls for Kafka event sources"; local-mapping.md 4.3). Pure. Without that setting nobody looks here.

import { type KafkaRow, topicPartition } from '../../lib/event/kafka-row.ts'

export type BatchResponse =
  | { readonly kind: 'success' }
  | { readonly kind: 'itemFailures'; readonly failed: readonly KafkaRow[] }
  /** The entire batch is retried. */
  | { readonly kind: 'invalid'; readonly why: string }

/**
 * @param payload the answer as JSON text, empty where the function returned nothing
 * @example readBatchResponse('{"batchItemFailures":[{"itemIdentifier":{"partition":"ticks-0","offset":5}}]}', rows)
 */
export function readBatchResponse(payload: string, rows: readonly KafkaRow[]): BatchResponse {
  // "An empty valid JSON or null: successfully processed"; a function that returns undefined answers with no text at all.
  if (payload.trim() === '') return { kind: 'success' }
  let answer: unknown
  try {
    answer = JSON.parse(payload)
  } catch {
    return { kind: 'invalid', why: 'the answer is not JSON' }
  }
  if (answer === null) return { kind: 'success' }
  if (typeof answer !== 'object' || Array.isArray(answer))
    return {
      kind: 'invalid',
      why: `the answer is ${Array.isArray(answer) ? 'an array' : `a ${typeof answer}`}, not an object`,
    }
  const failures: unknown = Reflect.get(answer, 'batchItemFailures')
  if (failures === undefined || failures === null) return { kind: 'success' }
  if (!Array.isArray(failures)) return { kind: 'invalid', why: 'batchItemFailures is not an array' }
  if (failures.length === 0) return { kind: 'success' }

  const sent = new Map(rows.map((row) => [`${topicPartition(row)}:${row.offset}`, row]))
  const failed = new Set<KafkaRow>()
  for (const failure of failures) {
    const row = sent.get(identifierOf(failure) ?? '')
    // "Any invalid topic-partition_number or offset … not present in the invoked event: entire batch will be retried."
    if (row === undefined)
      return { kind: 'invalid', why: `${JSON.stringify(failure)?.slice(0, 200)} names no record of the batch` }
    failed.add(row)
  }
  // In the order they came in, whatever the order of the answer.
  return { kind: 'itemFailures', failed: rows.filter((row) => failed.has(row)) }
}

/** `{ itemIdentifier: { partition: 'ticks-0', offset: 5 } }` -> `ticks-0:5`: an object, not a string as for SQS and Kinesis. */
function identifierOf(failure: unknown): string | undefined {
  const identifier = field(failure, 'itemIdentifier')
  const partition = field(identifier, 'partition')
  const offset = field(identifier, 'offset')
  return typeof partition === 'string' && typeof offset === 'number' ? `${partition}:${offset}` : undefined
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
