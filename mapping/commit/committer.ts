// Tells the broker what is handled, one commit at a time so that a later one never overtakes an earlier. A commit that is
// not taken (a rebalance, a broker that is away) costs nothing but duplicates: it is made again until it is.

import { type Log, troubleStatus } from '../journal.ts'
import type { Metrics } from '../metrics.ts'
import type { RecordSource } from '../source/record-source.ts'
import type { PartitionOffsets } from './offsets.ts'

const retryAfterMs = 2_000

/** @example const committer = new Committer(source, held, log, metrics); await committer.commit() */
export class Committer {
  readonly #source: Pick<RecordSource, 'commit'>
  readonly #held: ReadonlyMap<number, PartitionOffsets>
  readonly #log: Log
  readonly #metrics: Metrics
  readonly #status: ReturnType<typeof troubleStatus>
  #last: Promise<void> = Promise.resolve()
  #retryTimer: NodeJS.Timeout | undefined
  #isHeld = false
  #isClosed = false

  /** @param held the partitions that are held, as they are at each commit: no other partition is ever committed */
  constructor(
    source: Pick<RecordSource, 'commit'>,
    held: ReadonlyMap<number, PartitionOffsets>,
    log: Log,
    metrics: Metrics,
  ) {
    this.#source = source
    this.#held = held
    this.#log = log
    this.#metrics = metrics
    this.#status = troubleStatus(log)
  }

  /** Commits whatever may be committed now; resolves also where the broker does not take it. */
  commit(): Promise<void> {
    this.#last = this.#last.then(() => this.#commitDue())
    return this.#last
  }

  /** No commit from now on: the group's are being looked up, and one in between would be taken for somebody else's. */
  hold(): void {
    this.#isHeld = true
  }

  resume(): Promise<void> {
    this.#isHeld = false
    return this.commit()
  }

  /** The last commit, held back or not; none is tried again after it. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.commit()
    clearTimeout(this.#retryTimer)
  }

  async #commitDue(): Promise<void> {
    if (this.#isHeld && !this.#isClosed) return
    const due = [...this.#held].flatMap(([partition, offsets]) => {
      const offset = offsets.committable()
      return offset === undefined ? [] : [{ partition, offsets, offset }]
    })
    if (due.length === 0) return
    try {
      await this.#source.commit(new Map(due.map(({ partition, offset }) => [partition, offset])))
      for (const { offset, offsets } of due) {
        // "The sum of commit deltas": AWS's count of committed events.
        this.#metrics.add('CommittedEventCount', Math.max(0, offset - (offsets.committed() ?? offsets.startedAt)))
        offsets.confirm(offset)
      }
      this.#status.over('commits are taken again')
    } catch (error) {
      this.#log.debug(`commit: ${String(error)}`)
      this.#metrics.add('CommitErrorCount', 1)
      this.#status.trouble('Kafka did not take a commit; it is made again until it does')
      clearTimeout(this.#retryTimer)
      if (!this.#isClosed) this.#retryTimer = setTimeout(() => void this.commit(), retryAfterMs)
    }
  }
}
