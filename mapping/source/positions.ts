// Where reading of a partition begins. Pure. A commit of the group wins over the starting position (developer guide,
// "Customizable consumer group ID"); a commit that the log no longer covers counts as none, as Kafka's auto.offset.reset has it.

import type { StartingPosition } from '../settings/settings.ts'

/** One partition as the broker answers: all offsets are of the next record, as in Kafka's protocol. */
export interface PartitionState {
  readonly partition: number
  readonly committed: number | undefined
  /** In the place of a commit stands kafkajs's mark for "begin at the earliest". */
  readonly isMarked: boolean
  readonly earliest: number
  /** The end of the log: the offset that the next record will get. */
  readonly latest: number
  /** The first offset at or after the starting timestamp, or the end; only with AT_TIMESTAMP. */
  readonly atTimestamp: number | undefined
  /** It was added to the topic while the mapping ran: nothing in it is from before. */
  readonly isAdded: boolean
}

export interface StartOffset {
  readonly offset: number
  /** The group's commit decided, or the starting position, or the commit was outside the log. */
  readonly from: 'commit' | 'startingPosition' | 'outOfRange'
  /**
   * Commit it before any record is handled: a second look at LATEST would find a later end and skip records, such as when
   * another member takes the partition over.
   */
  readonly pinned: boolean
}

/** @example startOffset({ partition: 0, committed: undefined, earliest: 3, latest: 9, … }, { kind: 'LATEST' }).offset // 9 */
export function startOffset(state: PartitionState, starting: StartingPosition): StartOffset {
  const { committed, earliest, latest } = state
  if (committed !== undefined && committed >= earliest && committed <= latest)
    return { offset: committed, from: 'commit', pinned: false }
  const from = committed === undefined ? 'startingPosition' : 'outOfRange'
  // LATEST is of the first start: records of a partition that is seen some seconds after it was added are not from before.
  if (state.isAdded && from === 'startingPosition') return { offset: earliest, from, pinned: true }
  if (starting.kind === 'LATEST') return { offset: latest, from, pinned: true }
  // Out of range under AT_TIMESTAMP: the timestamp was for the first start; from here on it is the earliest record that counts.
  if (starting.kind === 'AT_TIMESTAMP' && from === 'startingPosition')
    return { offset: state.atTimestamp ?? latest, from, pinned: false }
  return { offset: earliest, from, pinned: false }
}
