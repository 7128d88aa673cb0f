// The channel of node:diagnostics_channel on which every mapping of the process publishes its events: its lines, its counters and
// its recording are subscribers, and so may be a page, a test or another plugin. Publishing is synchronous and in order.

import { channel as channelOf } from 'node:diagnostics_channel'
import type { MappingEvent, MappingEventBody, MappingIdentity } from './mapping-event.ts'

/** For `node:diagnostics_channel`; its messages are MappingEvents. */
export const mappingChannel = 'serverless-offline-kafka-mapping'

const channel = channelOf(mappingChannel)

/** What the parts of one mapping publish through. */
export interface EventPublisher {
  readonly mapping: MappingIdentity
  readonly publish: (body: MappingEventBody) => void
}

/** @example eventPublisher({ functionKey: 'bars', topic: 'ticks', consumerGroupId: 'demo' }).publish({ kind: 'stopped' }) */
export const eventPublisher = (mapping: MappingIdentity): EventPublisher => ({
  mapping,
  publish: (body) => {
    if (channel.hasSubscribers) channel.publish({ ...body, mapping })
  },
})

/**
 * Calls `listener` for each event of each mapping in this process, in order. It must not throw, and must not keep an event whose
 * records it does not need: the bytes of a whole fetch stay in memory with it.
 *
 * @param only events of this mapping alone
 * @returns ends the subscription
 * @example const end = onMappingEvent((event) => { if (event.kind === 'committed') console.log(event.partitions) })
 */
export function onMappingEvent(listener: (event: MappingEvent) => void, only?: MappingIdentity): () => void {
  // Nobody else publishes on this channel.
  const heard = (message: unknown): void => {
    const event = message as MappingEvent
    if (only === undefined || event.mapping === only) listener(event)
  }
  channel.subscribe(heard)
  return () => {
    channel.unsubscribe(heard)
  }
}
