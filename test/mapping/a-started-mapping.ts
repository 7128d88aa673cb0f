// A mapping in memory on real timers, stopped when its test ends, and a function that the test lets answer.

import { afterEach, vi } from 'vitest'
import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import { onMappingEvent } from '../../mapping/events/channel.ts'
import { Mapping, type MappingOptions } from '../../mapping/mapping.ts'
import { eventsInto, type MemoryInvoker, memoryInvoker, memoryLog, someSettings } from './builders.ts'
import { memorySource } from './memory-source.ts'

const running: Mapping[] = []
afterEach(async () => {
  for (const mapping of running.splice(0)) await mapping.stop(AbortSignal.abort())
})

export function started(invoker: MemoryInvoker, more: Partial<MappingOptions> = {}) {
  const source = memorySource()
  const log = memoryLog()
  const recorded: KafkaEvent[] = []
  const events = eventsInto(log, someSettings())
  onMappingEvent((event) => {
    if (event.kind === 'handled') recorded.push(event.payload.event)
  }, events.mapping)
  const mapping = new Mapping({
    settings: someSettings(),
    origin: { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
    functionName: 'demo-dev-bars',
    functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
    filter: undefined,
    destination: undefined,
    epochMs: () => Date.now(),
    source,
    invoker,
    events,
    nowMs: () => performance.now(),
    random: () => 0.999,
    ...more,
  })
  mapping.start()
  running.push(mapping)
  return { source, log, recorded, mapping, invoker }
}

/** A function that answers when the test lets it. */
export function blockedFunction() {
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const invoker = memoryInvoker(async (_event, signal) => {
    const aborted = new Promise<'aborted'>((resolve) => signal.addEventListener('abort', () => resolve('aborted')))
    if ((await Promise.race([gate, aborted])) === 'aborted') return { kind: 'unavailable', message: 'aborted' }
    return undefined
  })
  return { invoker, release: () => release() }
}

export const until = (check: () => void) => vi.waitFor(check, { timeout: 3_000, interval: 5 })
