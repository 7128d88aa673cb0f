// The event times of one batch: the greatest of each partition, which moves the watermark, and Spark's statistics. A null
// event time counts nowhere (Spark takes it for 1970 in its statistics).

import { type EventTimeMs, eventTimeMs } from '../../aggregate/time.ts'
import { topicPartition } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'

export class EventTimes {
  readonly #maxByPartition = new Map<string, EventTimeMs>()
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  add(at: Coordinates, value: unknown): void {
    if (typeof value !== 'number') return
    const partition = topicPartition(at)
    this.#maxByPartition.set(partition, eventTimeMs(Math.max(value, this.#maxByPartition.get(partition) ?? value)))
    this.#count += 1
    this.#sum += value
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
  }

  /** Epoch milliseconds by `topic-partition`; a partition without an event time is not in it. */
  get maxByPartition(): ReadonlyMap<string, EventTimeMs> {
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
