// The partitions that are assigned to a mapping as a member of its group: for each what is handled, how far its log goes, what the
// filter took out since its last batch. Says from where an assigned partition is read. Sends and commits nothing.

import type { Assignment } from '../source/record-source.ts'
import { type PartitionOffsets, partitionOffsets } from './offsets.ts'

export interface Position {
  readonly offset: number
  /** What decided it; `position` where reading goes on from what was handled here. */
  readonly from: Assignment['start']['from'] | 'position'
}

export interface AssignedPartitions {
  readonly offsets: ReadonlyMap<number, PartitionOffsets>
  /** @returns from where the partition is read */
  readonly assign: (assignment: Assignment) => Position
  readonly revoke: (partitions: readonly number[]) => void
  /** All are revoked, and nothing is remembered of them. */
  readonly forget: () => void
  /** Reading went back: what was read before is void, nothing is known of a commit. */
  readonly rewind: (partition: number, offset: number) => PartitionOffsets
  readonly logEnds: (partition: number, endOffset: number) => void
  readonly filteredOut: (partition: number, count: number) => void
  /** How many records were filtered out since this was last asked. */
  readonly takeFilteredOut: (partition: number) => number
  /** Records between the commit and the end of the log, as far as known; 0 for a partition that is not assigned. */
  readonly lag: (partition: number) => number
}

/**
 * @param dropped told of each partition of which nothing that was read is valid any longer
 * @example const assigned = assignedPartitions((partition) => batcher.drop(partition))
 */
export function assignedPartitions(dropped: (partition: number) => void): AssignedPartitions {
  const assigned = new Map<number, PartitionOffsets>()
  /** Revoked ones as they were then: where they come back and nobody has committed since, what was handled stays handled. */
  const revoked = new Map<number, PartitionOffsets>()
  const endOffsets = new Map<number, number>()
  const filteredOut = new Map<number, number>()

  function revoke(partitions: readonly number[]): void {
    for (const partition of partitions) {
      const offsets = assigned.get(partition)
      if (offsets !== undefined) revoked.set(partition, offsets)
      assigned.delete(partition)
      endOffsets.delete(partition)
      filteredOut.delete(partition)
      dropped(partition)
    }
  }

  function begin(partition: number, start: Parameters<typeof partitionOffsets>[0]): PartitionOffsets {
    const offsets = partitionOffsets(start)
    revoked.delete(partition)
    assigned.set(partition, offsets)
    return offsets
  }

  return {
    offsets: assigned,
    assign: (assignment) => {
      const { partition, committed, start } = assignment
      const known = assigned.get(partition)
      if (known !== undefined) {
        const offset = keptPosition(known, assignment)
        if (offset !== undefined) return { offset, from: 'position' }
        revoke([partition])
      }
      const handledUpTo = handledBefore(revoked.get(partition), assignment)
      if (handledUpTo !== undefined) {
        begin(partition, { position: handledUpTo, committed, pinned: true })
        return { offset: handledUpTo, from: 'position' }
      }
      begin(partition, {
        position: start.offset,
        // A commit outside the log says nothing about what may be committed now.
        committed: start.from === 'outOfRange' ? undefined : committed,
        pinned: start.pinned,
      })
      return start
    },
    revoke,
    forget: () => {
      revoke([...assigned.keys()])
      revoked.clear()
    },
    rewind: (partition, offset) => {
      revoke([partition])
      return begin(partition, { position: offset, committed: undefined, pinned: false })
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
    lag: (partition) => {
      const offsets = assigned.get(partition)
      if (offsets === undefined) return 0
      return Math.max(0, (endOffsets.get(partition) ?? 0) - (offsets.committed() ?? offsets.startedAt))
    },
  }
}

/** Where reading goes on in a partition that stayed assigned; undefined where another member has moved it. */
function keptPosition(known: PartitionOffsets, { committed, isMarked }: Assignment): number | undefined {
  // The mark says nothing of what is handled: what is in flight stays valid.
  if (isMarked) known.uncommitted()
  // No commit where one was made: the topic, the group or the whole of Kafka is another one.
  else if (!isOurs(known, committed)) return undefined
  else if (committed !== undefined) known.confirm(committed)
  return known.position()
}

/**
 * Up to where a partition that was revoked and comes back was handled here, and not committed, since the broker was down. Meanwhile
 * Kafka may count a dead member of our own as its owner; nobody has moved it, so its records need not come twice.
 */
function handledBefore(before: PartitionOffsets | undefined, { committed, start }: Assignment): number | undefined {
  return before !== undefined && isOurs(before, committed) && start.from !== 'outOfRange'
    ? before.committable()
    : undefined
}

/** The last commit that was answered, or one whose answer was lost; what stands between it and here is handled too. */
const isOurs = (known: PartitionOffsets, committed: number | undefined): boolean =>
  committed === known.committed() ||
  (committed !== undefined && committed > (known.committed() ?? -1) && committed <= (known.committable() ?? -1))
