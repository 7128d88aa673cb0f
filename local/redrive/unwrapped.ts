// The documents inside of what queues, notifications, event buses and logs put around them: SQS and SNS messages, EventBridge's envelope,
// the results of asynchronous invocations, lines of CloudWatch Logs. Pure.

export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Envelopes in envelopes: an SNS notification in an SQS message that a log kept is three. */
const maxDepth = 8

/**
 * Every document in `value`, its envelopes taken off; what is no envelope is a document itself.
 * @example [...unwrapped({ Messages: [{ Body: '{"id":"orders-0-1"}' }] })] // [{ id: 'orders-0-1' }]
 */
export function* unwrapped(value: unknown, depth = 0): Iterable<Json> {
  if (depth > maxDepth) return
  const inner = (...values: readonly unknown[]) => values.map((it) => unwrapped(it, depth + 1))
  if (Array.isArray(value)) {
    for (const each of value) yield* unwrapped(each, depth)
    return
  }
  if (typeof value === 'string') {
    const json = jsonIn(value)
    if (json !== undefined) yield* unwrapped(json, depth + 1)
    return
  }
  if (!isObject(value)) return
  const wrapped = contentsOf(value)
  if (wrapped === undefined) yield value
  else for (const documents of inner(wrapped)) yield* documents
}

/** What an envelope holds; undefined where it is none. */
function contentsOf(value: Json): unknown {
  // aws sqs receive-message; the event of a function behind a queue; aws logs filter-log-events
  if (Array.isArray(value.Messages)) return value.Messages
  if (Array.isArray(value.Records)) return value.Records
  if (Array.isArray(value.events)) return value.events
  if (typeof value.Body === 'string') return value.Body
  if (typeof value.body === 'string') return value.body
  if (value.Type === 'Notification' && typeof value.Message === 'string') return value.Message
  if (typeof value['detail-type'] === 'string' && isObject(value.detail)) return value.detail
  // A destination of asynchronous invocations has the event as it was.
  if (isObject(value.requestPayload)) return value.requestPayload
  if ('reason' in value || 'KafkaBatchInfo' in value || 'eventSource' in value) return undefined
  // A logger that logs events, or a line of the log with one in it.
  if (isObject(value.event)) return value.event
  if (typeof value.message === 'string' && jsonIn(value.message) !== undefined) return value.message
  return undefined
}

/** Lines of logs have times and ids before their JSON. */
function jsonIn(text: string): unknown {
  const start = text.search(/[[{]/)
  if (start < 0) return undefined
  try {
    return JSON.parse(text.slice(start))
  } catch {
    return undefined
  }
}
