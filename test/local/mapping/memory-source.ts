// A RecordSource in memory: one member, partitions given and taken by the test, commits kept in a map.

import type { KafkaRow } from '../../../lib/event/kafka-row.ts'
import type { StartOffset } from '../../../local/mapping/positions.ts'
import type { RecordSource, SourceListener } from '../../../local/mapping/record-source.ts'

export interface MemorySource extends RecordSource {
  /** What the group has committed. */
  readonly commits: Map<number, number>
  readonly paused: Set<number>
  /** (Re)joins: the given partitions are held from now on. Answers where reading goes on. */
  join(partitions: readonly number[], start?: Partial<StartOffset>): ReadonlyMap<number, number>
  hand(rows: readonly KafkaRow[], nextOffset?: number): void
  failCommits(error: Error | undefined): void
  readonly isClosed: () => boolean
}

export function memorySource(): MemorySource {
  const commits = new Map<number, number>()
  const paused = new Set<number>()
  let listener: SourceListener | undefined
  let held: readonly number[] = []
  let commitError: Error | undefined
  let isClosed = false
  const started = (): SourceListener => {
    if (listener === undefined) throw new Error('not started')
    return listener
  }
  return {
    commits,
    paused,
    start: (given) => {
      listener = given
    },
    pause: (partition) => void paused.add(partition),
    resume: (partition) => void paused.delete(partition),
    commit: async (offsets) => {
      if (commitError !== undefined) throw commitError
      for (const [partition, offset] of offsets) commits.set(partition, offset)
    },
    close: async () => {
      isClosed = true
    },
    join: (partitions, start = {}) => {
      started().revoked(held.filter((partition) => !partitions.includes(partition)))
      held = partitions
      const positions = new Map(
        partitions.map((partition) => {
          const committed = commits.get(partition)
          const offset = committed ?? 0
          const full: StartOffset = {
            offset,
            from: committed === undefined ? 'startingPosition' : 'commit',
            pinned: false,
            ...start,
          }
          return [partition, started().assigned({ partition, committed, start: full })]
        }),
      )
      started().joined()
      return positions
    },
    hand: (rows, nextOffset) => {
      const last = rows.at(-1)
      const partition = last?.partition ?? 0
      started().records(partition, rows, nextOffset ?? (last?.offset ?? -1) + 1, nextOffset ?? (last?.offset ?? -1) + 1)
    },
    failCommits: (error) => {
      commitError = error
    },
    isClosed: () => isClosed,
  }
}
