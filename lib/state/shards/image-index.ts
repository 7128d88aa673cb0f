// Where the groups of a shard are found: by window end, then by key, so that a row finds its group without building a string and
// the groups of a window that has ended are found without looking at the others. Lanes (items/lane.ts) lie beside the windows.

import { entryLane, isGroupEnd, owedLane } from '../items/lane.ts'
import type { Lookup } from '../protocol/operators/group-operator.ts'
import { familyOf, isIndex, slotOf } from './due-times.ts'
import { GroupImage } from './group-image.ts'

export class ImageIndex {
  readonly #byEnd = new Map<number, Map<Lookup, GroupImage>>()
  #recentEndMs = Number.NaN
  #recent = new Map<Lookup, GroupImage>()
  #size = 0
  /** Entries of operators, by their slots. */
  readonly #entries = new Map<number, number>()
  readonly #families = new Map<string, Set<GroupImage>>()

  get size(): number {
    return this.#size
  }

  find(endMs: number, lookup: Lookup): GroupImage | undefined {
    return (endMs === this.#recentEndMs ? this.#recent : this.#byEnd.get(endMs))?.get(lookup)
  }

  findOrAdd(endMs: number, lookup: Lookup): GroupImage {
    const window = this.#windowOf(endMs)
    let image = window.get(lookup)
    if (image === undefined) {
      image = new GroupImage(endMs, lookup)
      window.set(lookup, image)
      this.#count(image, 1)
    }
    return image
  }

  /** Rows come in the order of their times, more or less, so it is mostly the one of the row before. */
  #windowOf(endMs: number): Map<Lookup, GroupImage> {
    if (endMs === this.#recentEndMs) return this.#recent
    let window = this.#byEnd.get(endMs)
    if (window === undefined) {
      window = new Map()
      this.#byEnd.set(endMs, window)
    }
    this.#recentEndMs = endMs
    this.#recent = window
    return window
  }

  /** @returns false where it was not there */
  protected take(image: GroupImage): boolean {
    const window = this.#byEnd.get(image.endMs)
    if (window?.delete(image.lookup) !== true) return false
    if (window.size === 0) {
      this.#byEnd.delete(image.endMs)
      this.#recentEndMs = Number.NaN
    }
    this.#count(image, -1)
    return true
  }

  #count(image: GroupImage, by: 1 | -1): void {
    this.#size += by
    if (image.endMs !== entryLane) return
    const entry = String(image.lookup)
    if (isIndex(entry)) return
    const slot = slotOf(entry)
    this.#entries.set(slot, this.entryCount(slot) + by)
    const name = familyOf(entry)
    if (name !== null) this.#join(name, image, by)
  }

  #join(name: string, image: GroupImage, by: 1 | -1): void {
    const family = this.#families.get(name)
    if (by === 1) {
      if (family === undefined) this.#families.set(name, new Set([image]))
      else family.add(image)
    } else if (family !== undefined) {
      family.delete(image)
      if (family.size === 0) this.#families.delete(name)
    }
  }

  /** The entries whose keys have this name before the mark of families. */
  family(name: string): Iterable<GroupImage> {
    return this.#families.get(name) ?? []
  }

  /** How many entries an operator has. */
  entryCount(slot: number): number {
    return this.#entries.get(slot) ?? 0
  }

  /** Groups, and whatever lies in a lane. */
  *all(): Iterable<GroupImage> {
    for (const groups of this.#byEnd.values()) yield* groups.values()
  }

  *groups(): Iterable<GroupImage> {
    for (const [endMs, window] of this.#byEnd) if (isGroupEnd(endMs)) yield* window.values()
  }

  /** The groups of one key, which have their windows apart. */
  *withLookup(lookup: Lookup): Iterable<GroupImage> {
    for (const [endMs, window] of this.#byEnd) {
      const image = isGroupEnd(endMs) ? window.get(lookup) : undefined
      if (image !== undefined) yield image
    }
  }

  *lane(lane: number): Iterable<GroupImage> {
    yield* this.#byEnd.get(lane)?.values() ?? []
  }

  /** Groups with `afterMs < end <= upToMs`. */
  *endedIn(afterMs: number, upToMs: number): Iterable<GroupImage> {
    const fromMs = Math.max(afterMs, owedLane)
    for (const [endMs, window] of this.#byEnd) if (endMs > fromMs && endMs <= upToMs) yield* window.values()
  }

  /** How many groups end after a moment. */
  countAfter(endMs: number): number {
    const fromMs = Math.max(endMs, owedLane)
    let count = 0
    for (const [end, window] of this.#byEnd) if (end > fromMs) count += window.size
    return count
  }
}
