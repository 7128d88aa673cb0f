// The place of the row that an aggregate has selected, kept beside its value, so that a row of a later batch can be compared with
// it. The number within the record, and the topic, are kept only where they tell rows apart.

import type { RowOrder } from '../../event/located-row.ts'
import { decodeNumber, incompatible } from '../../types/kept-value.ts'
import type { Encoded } from '../aggregator.ts'

export interface KeptPlace extends RowOrder {
  readonly index: number | null
  readonly topic: string | null
}

export function encodePlace({ partition, offset, index, topic }: KeptPlace): readonly Encoded[] {
  if (topic !== null) return [partition, offset, index, topic]
  return index === null ? [partition, offset] : [partition, offset, index]
}

/** @throws MicrobatchError STATE_INCOMPATIBLE for what `encodePlace` never gives */
export const decodePlace = ([partition, offset, index, topic]: readonly unknown[]): KeptPlace => ({
  partition: decodeNumber(partition),
  offset: decodeNumber(offset),
  index: index === undefined || index === null ? null : decodeNumber(index),
  topic: topic === undefined ? null : decodeTopic(topic),
})

function decodeTopic(topic: unknown): string {
  if (typeof topic === 'string') return topic
  throw incompatible(topic, 'the name of a topic')
}
