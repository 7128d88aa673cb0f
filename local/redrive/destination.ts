// Where records go again: to their topic, at whose end they get new offsets, or to the handler of a function, as the event they were.

import type { Producer } from 'kafkajs'
import { encodeKafkaEvent, type KafkaRow } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { ReplayTarget } from '../replay/target.ts'
import { type Redrivable, recordPlaces } from './redrivable.ts'

export interface RedriveDestination {
  /** For messages: `to the topic orders`. */
  readonly name: string
  /** @returns why it was not taken; undefined where it was */
  send(item: Redrivable, records: readonly KafkaRow[]): Promise<string | undefined>
}

/** The header that says which record it was. */
const header = 'redriven-from'

/**
 * A record keeps its key, its headers and, in its own topic, its partition; it comes now, so its timestamp is new.
 * @param into another topic than its own
 * @example toTopic(producer, undefined).send(item, item.records)
 */
export const toTopic = (producer: Pick<Producer, 'send'>, into: string | undefined): RedriveDestination => ({
  name: topicName(into),
  async send(item, records) {
    const from = recordPlaces(item)
    for (const [topic, own] of Map.groupBy(records, (record) => into ?? record.topic)) {
      const messages = own.map(({ key, value, headers, partition }) => ({
        ...{ key, value },
        headers: { ...grouped(headers), [header]: from },
        ...(into === undefined ? { partition } : {}),
      }))
      await producer.send({ topic, acks: -1, messages })
    }
    return undefined
  },
})

/** @example topicName(undefined) // 'to its topic' */
export const topicName = (into: string | undefined): string =>
  into === undefined ? 'to its topic' : `to the topic ${into}`

/** kafkajs has a list for a header that is there more than once. */
function grouped(headers: KafkaRow['headers']): Record<string, Buffer[]> {
  const byKey = new Map<string, Buffer[]>()
  for (const { key, value } of headers) byKey.set(key, [...(byKey.get(key) ?? []), value ?? Buffer.alloc(0)])
  return Object.fromEntries(byKey)
}

/**
 * @param functionOf gives the key of the function of an item
 * @example toHandler(inProcess(service, definition, options), () => 'bars').send(item, item.records)
 */
export const toHandler = (target: ReplayTarget, functionOf: (item: Redrivable) => string): RedriveDestination => ({
  name: `to its handler ${target.name}`,
  async send(item, records) {
    const sorted = records.toSorted((left, right) => left.partition - right.partition || left.offset - right.offset)
    if (sorted.some((record, index) => isSamePlace(record, sorted[index - 1]))) {
      throw new LocalError(
        'COMMAND_INVALID',
        `${item.where}: several records of one offset go to a topic, not to a handler.`,
      )
    }
    const event = encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'redrive' }, sorted)
    const outcome = await target.invoke({ functionKey: functionOf(item), atMs: Date.now(), where: item.where, event })
    if (outcome.kind === 'failure') return outcome.message
    const numBad: unknown = Reflect.get(Object(outcome.returned), 'numDeadLetters')
    return typeof numBad === 'number' && numBad > 0 ? 'it is a dead letter again' : undefined
  },
})

const isSamePlace = (record: KafkaRow, other: KafkaRow | undefined): boolean =>
  other !== undefined && record.partition === other.partition && record.offset === other.offset
