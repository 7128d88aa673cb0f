// The part of a recorded invocation that its function handled. What a partial answer named as failed came again in a later line; an
// attempt that failed as a whole handled nothing. Pure.

import type { RecordedInvocation } from './recorded.ts'

/**
 * @returns the event with the records that were handled; undefined where none was
 * @example handledEvent({ at, function: 'tape', event, outcome: 'partial', failedFrom: { 'ticks-0': 17 } })
 */
export function handledEvent({
  outcome = 'success',
  failedFrom = {},
  event,
}: RecordedInvocation): Readonly<Record<string, unknown>> | undefined {
  if (outcome === 'failure') return undefined
  if (outcome !== 'partial') return event
  const left = Object.entries(Object(event.records)).flatMap(([key, list]) => {
    if (!Array.isArray(list)) return []
    const first = failedFrom[key] ?? Number.POSITIVE_INFINITY
    const handled = list.filter((record: unknown) => Number(Reflect.get(Object(record), 'offset')) < first)
    return handled.length === 0 ? [] : [[key, handled] as const]
  })
  return left.length === 0 ? undefined : { ...event, records: Object.fromEntries(left) }
}
