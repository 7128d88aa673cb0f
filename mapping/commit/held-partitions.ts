// The partitions that a mapping holds as a member of its group: for each what is handled, how far its log goes, what the
// filter took out since its last batch. Says from where an assigned partition is read. Sends and commits nothing.

import type { Assignment } from '../source/record-source.ts'
import { type PartitionOffsets, partitionOffsets } from './offsets.ts'

export interface HeldPartitions {
  readonly offsets: ReadonlyMap<number, PartitionOffsets>
  /** @returns the offset to read from */
  readonly assign: (assignment: Assignment) => number
  readonly revoke: (partitions: readonly number[]) => void
  /** All are let go, and nothing is remembered of them. */
  readonly forget: () => void
  /** Reading went back: what was read before is void, nothing is known of a commit. */
  readonly rewind: (partition: number, offset: number) => PartitionOffsets
  readonly logEnds: (partition: number, endOffset: number) => void
  readonly filteredOut: (partition: number, count: number) => void
  /** How many records were filtered out since this was last asked. */
  readonly takeFilteredOut: (partition: number) => number
  /** Records between the commit and the end of the log, by partition, as far as known. */
  readonly lags: () => ReadonlyMap<number, number>
}

/**
 * @param dropped told of each partition of which nothing that was read is valid any longer
 * @example const held = heldPartitions((partition) => batcher.drop(partition))
 */
export function heldPartitions(dropped: (partition: number) => void): HeldPartitions {
  const held = new Map<number, PartitionOffsets>()
  /** As they were when they went: where they come back and nobody has committed since, what was handled stays handled. */
  const left = new Map<number, PartitionOffsets>()
  const endOffsets = new Map<number, number>()
  const filteredOut = new Map<number, number>()

  function revoke(partitions: readonly number[]): void {
    for (const partition of partitions) {
      const offsets = held.get(partition)
      if (offsets !== undefined) left.set(partition, offsets)
      held.delete(partition)
      endOffsets.delete(partition)
      filteredOut.delete(partition)
      dropped(partition)
    }
  }

  function hold(partition: number, start: Parameters<typeof partitionOffsets>[0]): PartitionOffsets {
    const offsets = partitionOffsets(start)
    left.delete(partition)
    held.set(partition, offsets)
    return offsets
  }

  /** Where reading goes on in a partition that was held all along, or undefined where somebody else has moved it. */
  function kept(known: PartitionOffsets, committed: number | undefined, isMarked: boolean): number | undefined {
    // The mark says nothing of what is handled: what is under way stays valid.
    if (isMarked) known.uncommitted()
    // No commit where one was made: the topic, the group or the whole of Kafka is another one.
    else if (!isOurs(known, committed)) return undefined
    else if (committed !== undefined) known.confirm(committed)
    return known.position()
  }

  return {
    offsets: held,
    assign: ({ partition, committed, isMarked, start }) => {
      const known = held.get(partition)
      if (known !== undefined) {
        const position = kept(known, committed, isMarked)
        if (position !== undefined) return position
        revoke([partition])
      }
      const before = left.get(partition)
      // Handled here, and not committed: the broker was away. After it, our own dead member may hold the partition for a
      // session; nobody has moved it, so its records need not come twice.
      const handledUpTo =
        before !== undefined && isOurs(before, committed) && start.from !== 'outOfRange'
          ? before.committable()
          : undefined
      if (handledUpTo !== undefined) {
        hold(partition, { position: handledUpTo, committed, pinned: true })
        return handledUpTo
      }
      hold(partition, {
        position: start.offset,
        // A commit outside the log says nothing about what may be committed now.
        committed: start.from === 'outOfRange' ? undefined : committed,
        pinned: start.pinned,
      })
      return start.offset
    },
    revoke,
    forget: () => {
      revoke([...held.keys()])
      left.clear()
    },
    rewind: (partition, offset) => {
      revoke([partition])
      return hold(partition, { position: offset, committed: undefined, pinned: false })
    },
    logEnds: (partition, endOffset) => {
      endOffsets.set(partition, endOffset)
    },
    filteredOut: (partition, count) => {
      filteredOut.set(partition, (filteredOut.get(partition) ?? 0) + count)
    },
    takeFilteredOut: (partition) => {
      const count = filteredOut.get(partition) ?? 0
      filteredOut.delete(partition)
      return count
    },
    lags: () =>
      new Map(
        [...held].map(([partition, offsets]) => [
          partition,
          Math.max(0, (endOffsets.get(partition) ?? 0) - (offsets.committed() ?? offsets.startedAt)),
        ]),
      ),
  }
}

/** The last commit that was answered, or one whose answer was lost; what stands between it and here is handled too. */
const isOurs = (known: PartitionOffsets, committed: number | undefined): boolean =>
  committed === known.committed() ||
  (committed !== undefined && committed > (known.committed() ?? -1) && committed <= (known.committable() ?? -1))
