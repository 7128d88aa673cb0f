// The event times of one batch: the greatest of each partition, which moves the watermark, and Spark's statistics. A null
// event time counts nowhere (Spark takes it for 1970 in its statistics).

import { type EventTimeMs, eventTimeMs } from '../../aggregate/time.ts'
import { topicPartition } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'

export class EventTimes {
  readonly #maxByPartition = new Map<string, EventTimeMs>()
  /** Rows come partition by partition: the greatest of the current one is noted when another begins. */
  #current: { readonly at: Coordinates; maxMs: number } | null = null
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  /** Rows that have none, by the watermark's column or by the window's. */
  missing = 0

  add(at: Coordinates, value: unknown): void {
    if (typeof value !== 'number') return
    const current = this.#current
    if (current !== null && current.at.partition === at.partition && current.at.topic === at.topic) {
      if (value > current.maxMs) current.maxMs = value
    } else {
      this.#note()
      this.#current = { at, maxMs: value }
    }
    this.#count += 1
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  #note(): void {
    if (this.#current === null) return
    const { at, maxMs } = this.#current
    const partition = topicPartition(at)
    this.#maxByPartition.set(partition, eventTimeMs(Math.max(maxMs, this.#maxByPartition.get(partition) ?? maxMs)))
    this.#current = null
  }

  /** Takes up those of another source of the batch. */
  absorb(other: EventTimes): void {
    for (const [partition, maxMs] of other.maxByPartition) {
      const known = this.maxByPartition.get(partition) ?? maxMs
      this.#maxByPartition.set(partition, eventTimeMs(Math.max(known, maxMs)))
    }
    this.#count += other.#count
    this.#sum += other.#sum
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
    this.missing += other.missing
  }

  /** Epoch milliseconds by `topic-partition`; a partition without an event time is not in it. */
  get maxByPartition(): ReadonlyMap<string, EventTimeMs> {
    this.#note()
    return this.#maxByPartition
  }

  /** ISO 8601, as Spark's progress has them; null where the batch has no event time. */
  get statistics(): { readonly avg: string; readonly max: string; readonly min: string } | null {
    if (this.#count === 0) return null
    // Spark's average of milliseconds is a double that is cut to a long.
    return { avg: iso(Math.trunc(this.#sum / this.#count)), max: iso(this.#max), min: iso(this.#min) }
  }
}

/** @example iso(0) // '1970-01-01T00:00:00.000Z' */
export const iso = (epochMs: number): string => new Date(epochMs).toISOString()
