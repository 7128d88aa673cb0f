// The recording as a subscriber: each answered invocation becomes a line, before its offsets are committed. What failed has a line,
// too: to reproduce a fault is what a recording is for.

import type { MappingEvent } from '../events/mapping-event.ts'
import type { Log } from '../log.ts'
import type { NewInvocation, Recording } from './recording.ts'

/**
 * A line that cannot be written is said, and stops nothing.
 *
 * @param name of the recording, for messages
 * @example onMappingEvent(recordInvocations(recording, 'the recording delivered.ndjson', log), mapping)
 */
export function recordInvocations(
  recording: Pick<Recording, 'append'>,
  name: string,
  log: Pick<Log, 'error'>,
): (event: MappingEvent) => void {
  return (event) => {
    if (event.kind !== 'invocationSucceeded' && event.kind !== 'invocationFailed') return
    // The function was not reached, and will be asked for as long as it takes.
    if (event.kind === 'invocationFailed' && ['throttled', 'unavailable'].includes(event.failure)) return
    const { functionKey } = event.mapping
    try {
      recording.append(lineOf(event))
    } catch (error) {
      log.error(`${name} lacks a batch of ${functionKey}: ${String(error)}`)
    }
  }
}

type Answered = Extract<MappingEvent, { readonly kind: 'invocationSucceeded' | 'invocationFailed' }>

function lineOf(event: Answered): NewInvocation {
  const { mapping, reason, attempt, startedAtMs, durationMs, answer, payload } = event
  return {
    at: new Date(startedAtMs).toISOString(),
    function: mapping.functionKey,
    reason,
    attempt,
    ...outcomeOf(event),
    durationMs: Math.round(durationMs * 1000) / 1000,
    ...(answer === '' ? {} : { returned: jsonOr(answer) }),
    event: payload.event,
  }
}

function outcomeOf(event: Answered): Pick<NewInvocation, 'outcome' | 'message' | 'failedFrom'> {
  if (event.kind === 'invocationSucceeded') return { outcome: 'success' }
  const { failure, message, failed, mapping } = event
  if (failure !== 'itemFailures') return { outcome: 'failure', message }
  const firsts = failed.spans.map(({ partition, first }) => [`${mapping.topic}-${partition}`, first] as const)
  return { outcome: 'partial', message, failedFrom: Object.fromEntries(firsts) }
}

/** Answers are JSON; what is none is kept as a text. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
