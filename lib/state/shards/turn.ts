// One turn of the stateful operators at a shard: what they read and change of their entries, and the images that the next append
// has to write. Nothing of it counts before that append is confirmed; where it is not, the images are restored.

import { entryLane } from '../items/lane.ts'
import type { ChainEntry, ChainTurn } from '../protocol/operators/operator-chain.ts'
import { dueAt, dueOf, entryKey, keyOf } from './due-times.ts'
import { type GroupImage, gone } from './group-image.ts'
import type { GroupTable } from './group-table.ts'

interface Counts {
  updated: number
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
  /** Entries that were changed in this turn, and not counted as updated. */
  readonly #uncounted = new Set<GroupImage>()
  /** The entry that was looked for last: an operator mostly sets what it has just got. */
  #slot = -1
  #key = ''
  #entry = ''
  #image: GroupImage | undefined

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
    const image = this.#find(slot, key)
    return image === undefined ? undefined : this.table.accOf(image)
  }

  set(slot: number, key: string, value: unknown, dueMs?: number, isCounted?: boolean): void {
    this.#look(slot, key)
    this.#image = this.put(slot, this.#entry, this.#image, value, dueMs, isCounted)
  }

  entry(slot: number, key: string): TurnEntry {
    return new TurnEntry(this, slot, entryKey(slot, key))
  }

  /** @param image of the entry, where there is one @returns it, or the one that it has now */
  put(
    slot: number,
    entry: string,
    image: GroupImage = this.table.findOrAdd(entryLane, entry),
    value: unknown,
    dueMs = Number.POSITIVE_INFINITY,
    isCounted = true,
  ): GroupImage {
    image.acc = value
    image.last = dueAt(dueMs)
    this.table.dues.note(image)
    const isFirst = this.note(image)
    if (isCounted && (isFirst || this.#uncounted.delete(image))) this.#countsOf(slot).updated += 1
    return image
  }

  replace(slot: number, key: string, value: unknown): void {
    const image = this.#find(slot, key)
    if (image === undefined) return
    image.acc = value
    if (this.note(image)) this.#uncounted.add(image)
  }

  delete(slot: number, key: string, isCounted?: boolean): void {
    const image = this.#find(slot, key)
    if (image !== undefined) this.takeOut(slot, image, isCounted)
  }

  takeOut(slot: number, image: GroupImage, isCounted = true): void {
    const isOut = image.changedBy !== this.#attempt && dueOf(image) <= this.#countedMs
    if (isCounted && !isOut) this.#countsOf(slot).removed += 1
    image.acc = gone
    image.last = []
    if (this.note(image)) this.#uncounted.add(image)
  }

  /** The entry, where there is one. */
  #find(slot: number, key: string): GroupImage | undefined {
    this.#look(slot, key)
    return this.#image?.acc === gone ? undefined : this.#image
  }

  #look(slot: number, key: string): void {
    if (slot === this.#slot && key === this.#key) return
    this.#slot = slot
    this.#key = key
    this.#entry = entryKey(slot, key)
    this.#image = this.table.find(entryLane, this.#entry)
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

  *family(slot: number, name: string): Iterable<unknown> {
    for (const image of this.table.family(entryKey(slot, name))) {
      if (image.acc !== gone) yield this.table.accOf(image)
    }
  }

  count(slot: number, metric: string, by = 1): void {
    const { custom } = this.#countsOf(slot)
    custom.set(metric, (custom.get(metric) ?? 0) + by)
  }

  countUpdated(slot: number, by = 1): void {
    this.#countsOf(slot).updated += by
  }

  countRemoved(slot: number, by = 1): void {
    this.#countsOf(slot).removed += by
  }

  updatedOf = (slot: number): number => this.#counts.get(slot)?.updated ?? 0
  removedOf = (slot: number): number => this.#counts.get(slot)?.removed ?? 0
  customOf = (slot: number): ReadonlyMap<string, number> => this.#counts.get(slot)?.custom ?? new Map()

  /** An image that this turn has changed. @returns whether it had not before */
  note(image: GroupImage): boolean {
    if (image.changedBy === this.#attempt) return false
    image.changedBy = this.#attempt
    this.changed.push(image)
    return true
  }

  #countsOf(slot: number): Counts {
    let counts = this.#counts.get(slot)
    if (counts === undefined) {
      counts = { updated: 0, removed: 0, custom: new Map() }
      this.#counts.set(slot, counts)
    }
    return counts
  }
}

/** An entry that an operator comes back to in the turn: it is looked for once. */
class TurnEntry implements ChainEntry {
  readonly #turn: Turn
  readonly #slot: number
  readonly #entry: string
  #image: GroupImage | undefined

  constructor(turn: Turn, slot: number, entry: string) {
    this.#turn = turn
    this.#slot = slot
    this.#entry = entry
    this.#image = turn.table.find(entryLane, entry)
  }

  get(): unknown {
    const image = this.#image
    return image === undefined || image.acc === gone ? undefined : this.#turn.table.accOf(image)
  }

  set(value: unknown, dueMs?: number, isCounted?: boolean): void {
    this.#image = this.#turn.put(this.#slot, this.#entry, this.#image, value, dueMs, isCounted)
  }

  delete(isCounted?: boolean): void {
    const image = this.#image
    if (image !== undefined && image.acc !== gone) this.#turn.takeOut(this.#slot, image, isCounted)
  }
}
