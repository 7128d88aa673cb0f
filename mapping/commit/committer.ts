// Tells the broker what is handled, one commit at a time so that a later one never overtakes an earlier. A commit that is
// not taken (a rebalance, a broker that is down) costs nothing but duplicates: it is made again until it is.

import type { EventPublisher } from '../events/channel.ts'
import type { RecordSource } from '../source/record-source.ts'
import type { AssignedPartitions } from './assigned-partitions.ts'

const retryAfterMs = 2_000

/** @example const committer = new Committer(source, assigned, events); await committer.commit() */
export class Committer {
  readonly #source: Pick<RecordSource, 'commit'>
  readonly #assigned: Pick<AssignedPartitions, 'offsets' | 'lag'>
  readonly #events: EventPublisher
  #last: Promise<void> = Promise.resolve()
  #retryTimer: NodeJS.Timeout | undefined
  #isSuspended = false
  #isClosed = false

  /** @param assigned the partitions as they are at each commit: no other partition is ever committed */
  constructor(
    source: Pick<RecordSource, 'commit'>,
    assigned: Pick<AssignedPartitions, 'offsets' | 'lag'>,
    events: EventPublisher,
  ) {
    this.#source = source
    this.#assigned = assigned
    this.#events = events
  }

  /** Commits whatever may be committed now; resolves also where the broker does not take it. */
  commit(): Promise<void> {
    this.#last = this.#last.then(() => this.#commitDue())
    return this.#last
  }

  /** No commit from now on: the group's are being looked up, and one in between would be taken for another member's. */
  suspend(): void {
    this.#isSuspended = true
  }

  resume(): Promise<void> {
    this.#isSuspended = false
    return this.commit()
  }

  /** The last commit, suspended or not; none is tried again after it. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.commit()
    clearTimeout(this.#retryTimer)
  }

  async #commitDue(): Promise<void> {
    if (this.#isSuspended && !this.#isClosed) return
    const due = [...this.#assigned.offsets].flatMap(([partition, offsets]) => {
      const offset = offsets.committable()
      return offset === undefined ? [] : [{ partition, offsets, offset }]
    })
    if (due.length === 0) return
    try {
      await this.#source.commit(new Map(due.map(({ partition, offset }) => [partition, offset])))
    } catch (error) {
      this.#events.publish({ kind: 'commitFailed', message: String(error) })
      clearTimeout(this.#retryTimer)
      if (!this.#isClosed) this.#retryTimer = setTimeout(() => void this.commit(), retryAfterMs)
      return
    }
    const partitions = due.map(({ partition, offset, offsets }) => {
      const count = Math.max(0, offset - (offsets.committed() ?? offsets.startedAt))
      offsets.confirm(offset)
      return { partition, offset, count, lag: this.#assigned.lag(partition) }
    })
    this.#events.publish({ kind: 'committed', partitions })
  }
}
