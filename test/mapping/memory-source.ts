// A RecordSource in memory: one member, partitions given and taken by the test, commits kept in a map.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { StartOffset } from '../../mapping/source/positions.ts'
import type { RecordSource, SourceListener } from '../../mapping/source/record-source.ts'

export interface MemorySource extends RecordSource {
  /** What the group has committed. */
  readonly commits: Map<number, number>
  readonly paused: Set<number>
  /** (Re)joins in two steps: commits are looked up, then the given partitions are assigned. */
  beginJoin(partitions: readonly number[], start?: Partial<StartOffset>): () => ReadonlyMap<number, number>
  /** (Re)joins: the given partitions are assigned from now on. Answers where reading goes on. */
  join(partitions: readonly number[], start?: Partial<StartOffset>): ReadonlyMap<number, number>
  hand(rows: readonly KafkaRow[], nextOffset?: number): void
  failCommits(error: Error | undefined): void
  /** It does as kafkajs where an offset is out of range. */
  mark(partition: number): void
  /** The topic does not exist. */
  lose(): void
  /** Kafka lets go of the records below. */
  readonly starts: Map<number, number>
  readonly isClosed: () => boolean
}

export function memorySource(): MemorySource {
  const commits = new Map<number, number>()
  const paused = new Set<number>()
  const starts = new Map<number, number>()
  const marked = new Set<number>()
  let listener: SourceListener | undefined
  let assigned: readonly number[] = []
  let commitError: Error | undefined
  let isClosed = false
  const started = (): SourceListener => {
    if (listener === undefined) throw new Error('not started')
    return listener
  }
  /** What the group had committed when it was looked up. */
  const join = (
    partitions: readonly number[],
    known: ReadonlyMap<number, number>,
    start: Partial<StartOffset>,
  ): ReadonlyMap<number, number> => {
    const positions = new Map(
      partitions.map((partition) => {
        const committed = known.get(partition)
        const offset = committed ?? 0
        const full: StartOffset = {
          offset,
          from: committed === undefined ? 'startingPosition' : 'commit',
          pinned: false,
          ...start,
        }
        const isMarked = marked.has(partition)
        return [partition, started().assigned({ partition, committed, isMarked, start: full })]
      }),
    )
    started().joined()
    return positions
  }
  return {
    commits,
    paused,
    starts,
    logStarts: async () => starts,
    start: (given) => {
      listener = given
    },
    pause: (partition) => void paused.add(partition),
    resume: (partition) => void paused.delete(partition),
    commit: async (offsets) => {
      if (commitError !== undefined) throw commitError
      for (const [partition, offset] of offsets) {
        marked.delete(partition)
        commits.set(partition, offset)
      }
    },
    close: async () => {
      isClosed = true
    },
    beginJoin: (partitions, start = {}) => {
      started().revoked(assigned.filter((partition) => !partitions.includes(partition)))
      assigned = partitions
      const known = new Map(commits)
      return () => join(partitions, known, start)
    },
    join(partitions, start) {
      return this.beginJoin(partitions, start)()
    },
    hand: (rows, nextOffset) => {
      const last = rows.at(-1)
      const partition = last?.partition ?? 0
      started().records(partition, rows, nextOffset ?? (last?.offset ?? -1) + 1, nextOffset ?? (last?.offset ?? -1) + 1)
    },
    failCommits: (error) => {
      commitError = error
    },
    mark: (partition) => {
      commits.delete(partition)
      marked.add(partition)
    },
    lose: () => {
      assigned = []
      started().topicMissing()
    },
    isClosed: () => isClosed,
  }
}
