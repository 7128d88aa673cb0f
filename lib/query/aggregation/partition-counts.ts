// How many partitions the topics of a query have, as the deployment says it: one number, or one for each topic by its name.

import { MicrobatchError } from '../../error.ts'

/** @example 3 @example { trades: 3, quotes: 2 } */
export type PartitionCounts = number | Readonly<Record<string, number>>

/**
 * The partition count of a topic.
 * @throws MicrobatchError CONFIG_INVALID where it is not said, or is no number from 1 up
 */
export function countOf(counts: PartitionCounts, topic: string): number {
  const count = typeof counts === 'number' ? counts : Object.hasOwn(counts, topic) ? counts[topic] : undefined
  if (count !== undefined && Number.isSafeInteger(count) && count >= 1) return count
  const said = count === undefined ? `says nothing of the topic ${topic}` : `is ${count}`
  const remedy = 'Give it a number from 1 up, or one for each topic: { trades: 3, quotes: 2 }.'
  throw new MicrobatchError('CONFIG_INVALID', `partitions ${said}. ${remedy}`)
}
