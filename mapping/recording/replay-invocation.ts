// One recorded event sent once more, by any Invoker: for who replays a recording, and for a page that shows a batch and offers to
// send it again. Nothing is committed, and nothing is retried.

import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import type { InvokeOutcome, InvokePayload, Invoker } from '../invoke/invoker.ts'

/**
 * The outcome as the mapping would see it.
 * @param functionName as the endpoint knows it
 * @example const { kind } = await replayInvocation(invoker, 'demo-dev-bars', event, AbortSignal.timeout(60_000))
 */
export const replayInvocation = (
  invoker: Invoker,
  functionName: string,
  event: object,
  signal: AbortSignal,
): Promise<InvokeOutcome> => invoker.invoke(functionName, payloadOf(event), signal)

/** A recorded event is not checked: the function is, by what it makes of it. */
const payloadOf = (event: object): InvokePayload => ({
  recordCount: 0,
  event: event as KafkaEvent,
  get bytes() {
    return Buffer.from(JSON.stringify(event))
  },
})
