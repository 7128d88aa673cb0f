// A delivery by its partitions.

import { topicPartition } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'

type Place = Pick<Coordinates, 'topic' | 'partition'>

/**
 * Things by the partition that they are from, in their order. They come partition by partition, so a name is made for each run
 * of them and not for each.
 */
export function byPartition<T>(items: readonly T[], placeOf: (item: T) => Place): ReadonlyMap<string, readonly T[]> {
  const parts = new Map<string, T[]>()
  let current: Place | undefined
  let part: T[] = []
  for (const item of items) {
    const at = placeOf(item)
    if (current === undefined || at.partition !== current.partition || at.topic !== current.topic) {
      current = at
      const tp = topicPartition(at)
      part = parts.get(tp) ?? []
      parts.set(tp, part)
    }
    part.push(item)
  }
  return parts
}

/** The records of each partition. */
export const recordsOf = (places: readonly Coordinates[]): readonly { tp: string; records: readonly Coordinates[] }[] =>
  Array.from(
    byPartition(places, (at) => at),
    ([tp, records]) => ({ tp, records }),
  )
