// One turn of the stateful operators at a shard: what they read and change of their entries, and the images that the next append
// has to write. Nothing of it counts before that append is confirmed; where it is not, the images are restored.

import { entryLane } from '../items/lane.ts'
import type { ChainTurn } from '../protocol/operators/operator-chain.ts'
import { dueAt, dueOf, entryKey, keyOf } from './due-times.ts'
import { type GroupImage, gone } from './group-image.ts'
import type { GroupTable } from './group-table.ts'

interface Counts {
  readonly updated: Set<string>
  /** Counted by the operator itself. */
  updatedBeside: number
  removed: number
  readonly custom: Map<string, number>
}

export class Turn implements ChainTurn {
  readonly table: GroupTable
  /** Each image once, in the order of its first change. */
  readonly changed: GroupImage[] = []
  readonly #counts = new Map<number, Counts>()
  /** Tells the images of this turn from those of others. */
  readonly #attempt = {}
  readonly #countedMs: number

  readonly boundMs: number

  /**
   * @param countedMs what was due by then before the turn has been counted as removed, when the batch before was over
   * @param boundMs the event time that has been reached
   */
  constructor(table: GroupTable, countedMs = Number.NEGATIVE_INFINITY, boundMs = Number.NEGATIVE_INFINITY) {
    this.table = table
    this.boundMs = boundMs
    this.#countedMs = countedMs
  }

  get(slot: number, key: string): unknown {
    const image = this.table.find(entryLane, entryKey(slot, key))
    if (image === undefined || image.acc === gone) return undefined
    return this.table.accOf(image)
  }

  set(slot: number, key: string, value: unknown, dueMs = Number.POSITIVE_INFINITY, isCounted = true): void {
    const image = this.table.findOrAdd(entryLane, entryKey(slot, key))
    image.acc = value
    image.last = dueAt(dueMs)
    this.table.dues.note(image)
    if (isCounted) this.#countsOf(slot).updated.add(key)
    this.note(image)
  }

  replace(slot: number, key: string, value: unknown): void {
    const image = this.table.find(entryLane, entryKey(slot, key))
    if (image === undefined || image.acc === gone) return
    image.acc = value
    this.note(image)
  }

  delete(slot: number, key: string, isCounted = true): void {
    const image = this.table.find(entryLane, entryKey(slot, key))
    if (image === undefined || image.acc === gone) return
    const isOut = image.changedBy !== this.#attempt && dueOf(image) <= this.#countedMs
    if (isCounted && !isOut) this.#countsOf(slot).removed += 1
    image.acc = gone
    image.last = []
    this.note(image)
  }

  *takeDue(slot: number, byMs: number): Iterable<readonly [key: string, value: unknown]> {
    for (;;) {
      const image = this.table.dues.take(slot, byMs)
      if (image === undefined) return
      yield [keyOf(String(image.lookup)), this.table.accOf(image)]
    }
  }

  *entries(slot: number): Iterable<readonly [key: string, value: unknown]> {
    const prefix = entryKey(slot, '')
    for (const image of this.table.lane(entryLane)) {
      const entry = String(image.lookup)
      if (entry.startsWith(prefix) && image.acc !== gone) yield [keyOf(entry), this.table.accOf(image)]
    }
  }

  *family(slot: number, name: string): Iterable<readonly [key: string, value: unknown]> {
    for (const image of this.table.family(entryKey(slot, name))) {
      if (image.acc !== gone) yield [keyOf(String(image.lookup)), this.table.accOf(image)]
    }
  }

  count(slot: number, metric: string, by = 1): void {
    const { custom } = this.#countsOf(slot)
    custom.set(metric, (custom.get(metric) ?? 0) + by)
  }

  countUpdated(slot: number, by = 1): void {
    this.#countsOf(slot).updatedBeside += by
  }

  countRemoved(slot: number, by = 1): void {
    this.#countsOf(slot).removed += by
  }

  updatedOf = (slot: number): number => this.#updatedOf(this.#counts.get(slot))
  removedOf = (slot: number): number => this.#counts.get(slot)?.removed ?? 0
  customOf = (slot: number): ReadonlyMap<string, number> => this.#counts.get(slot)?.custom ?? new Map()

  /** An image that this turn has changed. */
  note(image: GroupImage): void {
    if (image.changedBy === this.#attempt) return
    image.changedBy = this.#attempt
    this.changed.push(image)
  }

  #updatedOf = (counts: Counts | undefined): number =>
    counts === undefined ? 0 : counts.updated.size + counts.updatedBeside

  #countsOf(slot: number): Counts {
    let counts = this.#counts.get(slot)
    if (counts === undefined) {
      counts = { updated: new Set(), updatedBeside: 0, removed: 0, custom: new Map() }
      this.#counts.set(slot, counts)
    }
    return counts
  }
}
