// The timers of one key in the order in which they fire, so that the next one is known without looking at the others: a function may
// register thousands for a key.

export interface Timer {
  readonly expiryMs: number
  /** When it fires: at its time, or where that was past, when time went on. */
  readonly dueMs: number
}

/** So few are looked through. */
const few = 16

export class Timers implements Iterable<Timer> {
  readonly #inOrder: Timer[]
  /** By their times, where they are many. */
  #byExpiry: Map<number, Timer> | null = null

  constructor(timers: readonly Timer[]) {
    this.#inOrder = timers.toSorted(byTime)
  }

  get size(): number {
    return this.#inOrder.length
  }

  get first(): Timer | undefined {
    return this.#inOrder[0]
  }

  [Symbol.iterator](): Iterator<Timer> {
    return this.#inOrder.values()
  }

  at(expiryMs: number): Timer | undefined {
    if (this.size <= few) return this.#inOrder.find((timer) => timer.expiryMs === expiryMs)
    this.#byExpiry ??= new Map(this.#inOrder.map((timer) => [timer.expiryMs, timer]))
    return this.#byExpiry.get(expiryMs)
  }

  /** Takes one in for a moment that has none. */
  add(timer: Timer): void {
    this.#inOrder.splice(this.#placeOf(timer), 0, timer)
    this.#byExpiry?.set(timer.expiryMs, timer)
  }

  /** Takes one out that is there. */
  remove(timer: Timer): void {
    this.#inOrder.splice(this.#placeOf(timer), 1)
    this.#byExpiry?.delete(timer.expiryMs)
  }

  /** How many fire before it. */
  #placeOf(timer: Timer): number {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#inOrder[middle]
      if (other !== undefined && byTime(other, timer) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

export const byTime = (left: Timer, right: Timer): number => left.dueMs - right.dueMs || left.expiryMs - right.expiryMs
