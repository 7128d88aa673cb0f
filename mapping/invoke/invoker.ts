// The port through which a mapping calls a function: synchronous invocation, one payload, one outcome. An outcome is a
// value, since every one of them is ordinary for a mapping; only a bug in an implementation rejects.

import type { KafkaEvent } from '../../lib/event/kafka-event.ts'

export type InvokeOutcome =
  /** The function returned; `payload` is its answer as JSON text, empty where it returned nothing. */
  | { readonly kind: 'success'; readonly payload: string }
  /** The function threw, ran out of time or of memory. */
  | { readonly kind: 'functionError'; readonly errorType: string; readonly message: string }
  | { readonly kind: 'throttled'; readonly message: string }
  /** No answer from the endpoint, or one that is not about the function: it was not found, the payload was refused. */
  | { readonly kind: 'unavailable'; readonly message: string }

/** One event, in the form that an implementation hands over. */
export interface InvokePayload {
  readonly recordCount: number
  readonly event: KafkaEvent
  /** Its JSON. */
  readonly bytes: Buffer
}

export interface Invoker {
  /** Resolves when the endpoint takes connections; rejects with the signal's reason when aborted. */
  ready(signal: AbortSignal): Promise<void>
  /** @param functionName as the endpoint knows it: `<service>-<stage>-<key>` unless serverless.yml names it */
  invoke(functionName: string, payload: InvokePayload, signal: AbortSignal): Promise<InvokeOutcome>
  close(): void
}
