// A shard as a container has it: the head as it was last read or confirmed, and the groups that it stands for.

import { emptyHead, type Head } from '../items/head.ts'
import { owedLane } from '../items/lane.ts'
import { layoutOf } from '../protocol/evolution/kept-layout.ts'
import { keptMode, type LastingQuery } from '../protocol/operators/stateful-query.ts'
import type { Rules } from '../protocol/rules.ts'
import type { RemovedItem } from '../store.ts'
import type { GroupImage } from './group-image.ts'
import { GroupTable } from './group-table.ts'

export interface Shard {
  readonly pk: string
  head: Head
  readonly groups: GroupTable
  /** The layout by which its lines are read. */
  readonly layoutKey: string
  /** Segments whose lines are in `groups`. */
  merged: ReadonlySet<string>
  /** Segments that a confirmed head has replaced: they go with the next ones that are written. */
  leftovers: readonly RemovedItem[]
  /** Whether there may be items that nobody names, of others or of a write that was never cleared up. */
  mayHaveOrphans: boolean
  /** Whether the last append met another invocation's. */
  isContended: boolean
}

/** A group and the shard that has it. */
export class ShardImage {
  declare readonly image: GroupImage
  declare readonly shard: Shard

  constructor(image: GroupImage, shard: Shard) {
    this.image = image
    this.shard = shard
  }
}

/** A shard that nobody has written yet. */
export const emptyShard = (pk: string, query: LastingQuery): Shard => ({
  pk,
  head: emptyHead,
  groups: new GroupTable(query.operator, query.chain, layoutOf(query)),
  layoutKey: layoutOf(query).key,
  merged: new Set(),
  leftovers: [],
  mayHaveOrphans: false,
  isContended: false,
})

/**
 * Takes out the groups that the head says are no longer there. Dropping is a function of the head, so it costs no write.
 */
export function dropGone({ head, groups }: Shard, query: LastingQuery, rules: Rules): void {
  const mode = keptMode(query)
  for (const image of [...groups.endedIn(Number.NEGATIVE_INFINITY, rules.goneUpToMs(head, mode))]) {
    if (rules.isGone(head, image, mode)) groups.remove(image)
  }
  for (const image of [...groups.lane(owedLane)]) if (rules.isAcknowledged(head, image)) groups.remove(image)
}

export const namedBytes = ({ segments }: Head): number => segments.reduce((sum, { bytes }) => sum + bytes, 0)

/** Compressed bytes of the groups that are there, by how well the segments were compressed. */
export function liveBytes({ head, groups }: Shard): number {
  const rawBytes = head.segments.reduce((sum, segment) => sum + segment.rawBytes, 0)
  return rawBytes === 0 ? 0 : (groups.lineLength * namedBytes(head)) / rawBytes
}
