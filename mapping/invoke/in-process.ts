// Functions called in this process: for benches and tests, where what is measured or watched is the mapping. Either the event
// is handed over as it is, or as the JSON that a Lambda endpoint would get and parse.

import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import type { Invoker } from './invoker.ts'

export type Handler = (event: KafkaEvent) => Promise<unknown>

/** @example const invoker = inProcess(async (event) => undefined, 'json') */
export function inProcess(handler: Handler, handover: 'object' | 'json'): Invoker {
  return {
    ready: async () => undefined,
    invoke: async (_name, payload) => {
      try {
        const given: KafkaEvent = handover === 'object' ? payload.event : JSON.parse(payload.bytes.toString('utf8'))
        const answer = await handler(given)
        return { kind: 'success', payload: answer === undefined ? '' : JSON.stringify(answer) }
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error(String(error))
        return { kind: 'functionError', errorType: name, message }
      }
    },
    close: () => undefined,
  }
}
