// What may be committed for one assigned partition. A commit stands just below the lowest record that is not handled, and never
// above it; gaps that Kafka leaves (aborted transactions, compaction, control records) are committed with the record before them.

export interface PartitionOffsets {
  /** Where reading began. */
  readonly startedAt: number
  /** The offset to read next. */
  readonly position: () => number
  /** The group's commit at the broker as far as known; undefined before a first one. */
  readonly committed: () => number | undefined
  /** Records were read: ascending offsets from `position` up, and where reading goes on. */
  readonly received: (records: ReadonlyArray<{ readonly offset: number }>, nextPosition: number) => void
  /** A record needs nothing more: its invocation succeeded, or it was dropped by a rule of AWS. */
  readonly handled: (offset: number) => void
  /** The offset to commit, or undefined where the broker already has it. */
  readonly committable: () => number | undefined
  readonly confirm: (offset: number) => void
  /** The broker no longer has a commit: the next one says again what is handled. */
  readonly uncommitted: () => void
}

/**
 * @param start where reading begins; `pinned` commits it at once, so that a LATEST start is not looked up a second time later
 * @example
 * const offsets = partitionOffsets({ position: 5, committed: 5, pinned: false })
 * offsets.received([{ offset: 5 }, { offset: 7 }], 9); offsets.handled(5); offsets.committable() // 7
 */
export function partitionOffsets(start: {
  readonly position: number
  readonly committed: number | undefined
  readonly pinned: boolean
}): PartitionOffsets {
  let position = start.position
  let committed = start.committed
  let isPinned = start.pinned
  // Received and not handled, ascending from `head`. Offsets handled out of turn wait in `early` until the head reaches them.
  let waiting: number[] = []
  let head = 0
  const early = new Set<number>()
  let moved = start.pinned

  const settle = (): void => {
    let first = waiting[head]
    while (first !== undefined && early.delete(first)) {
      head += 1
      first = waiting[head]
    }
    if (head > 1024 && head * 2 > waiting.length) {
      waiting = waiting.slice(head)
      head = 0
    }
  }

  return {
    startedAt: start.position,
    position: () => position,
    committed: () => committed,
    received: (records, nextPosition) => {
      for (const { offset } of records) {
        if (offset < position) throw new RangeError(`offset ${offset} was read again: ${position} comes next`)
        waiting.push(offset)
        position = offset + 1
      }
      position = Math.max(position, nextPosition)
      moved = true
    },
    handled: (offset) => {
      // In turn, as nearly all are: no set is needed for it.
      if (waiting[head] === offset) head += 1
      else early.add(offset)
      if (early.size > 0 || head > 1024) settle()
    },
    committable: () => {
      const offset = waiting[head] ?? position
      if (!moved || (committed !== undefined && offset <= committed)) return undefined
      // The first record is not handled yet: there is nothing to say, and a group without a commit stays without one.
      if (committed === undefined && !isPinned && offset <= start.position) return undefined
      return offset
    },
    confirm: (offset) => {
      committed = offset
    },
    uncommitted: () => {
      committed = undefined
      isPinned = true
    },
  }
}

/** Marks records as handled in the partitions they were read from; those of a partition that was not assigned are left out. */
export function markHandled(
  rows: ReadonlyArray<{ readonly partition: number; readonly offset: number }>,
  owners: ReadonlyMap<number, PartitionOffsets>,
): void {
  let partition: number | undefined
  let offsets: PartitionOffsets | undefined
  for (const row of rows) {
    // They come in runs of one partition.
    if (row.partition !== partition) {
      partition = row.partition
      offsets = owners.get(partition)
    }
    offsets?.handled(row.offset)
  }
}
