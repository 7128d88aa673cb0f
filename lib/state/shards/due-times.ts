// When the entries of stateful operators are due: for each operator a binary heap by time, then by key. An entry that was put off
// keeps its place until that comes up, since most are put off by every row; one that was taken out leaves its place behind until that
// comes up, or such places are most of them.

import { type GroupImage, noLast } from './group-image.ts'

interface Place {
  readonly dueMs: number
  readonly key: string
  readonly image: GroupImage
}

/** The first word of `last` of an entry that is due some time; the time is the second. */
const dueWord = 'due'

/** The `last` of an entry that is due then; many in a row are due at the same time, and share one. */
export function dueAt(dueMs: number): (string | number)[] {
  if (dueMs === Number.POSITIVE_INFINITY) return noLast
  if (recent[1] !== dueMs) recent = [dueWord, dueMs]
  return recent
}

let recent: (string | number)[] = [dueWord, Number.NaN]

/** Infinite where an entry never is. */
export const dueOf = ({ last }: Pick<GroupImage, 'last'>): number =>
  last[0] === dueWord ? Number(last[1]) : Number.POSITIVE_INFINITY

/** Before every time: an entry that is due then lasts for its batch. */
export const atOnceMs = Number.MIN_SAFE_INTEGER

/** Up to when entries that are due count as removed when a batch is over. */
export const countedMs = (watermarkMs: number): number => Math.max(watermarkMs, atOnceMs)

/** The keys of all operators lie in one lane: each begins with its operator's number. */
export const entryKey = (slot: number, key: string): string => `${slot}:${key}`
/** The operator's number is mostly one digit. */
export const slotOf = (entry: string): number =>
  entry.charCodeAt(1) === colon ? entry.charCodeAt(0) - zero : Number.parseInt(entry, 10)
const colon = ':'.charCodeAt(0)
const zero = '0'.charCodeAt(0)
export const keyOf = (entry: string): string => entry.slice(entry.indexOf(':') + 1)

/** Ends the part of a key that entries are found together by; JSON has no such character. */
export const familyMark = '\u001f'

/** The part of an entry's key that it has in common with its family; null where it is in none. */
export function familyOf(entry: string): string | null {
  const end = entry.indexOf(familyMark)
  return end === -1 ? null : entry.slice(0, end)
}

/** What the key of an entry begins with that says where others are: it is no row of the state. */
export const indexMark = '~'
export const isIndex = (entry: string): boolean => entry.startsWith(indexMark, entry.indexOf(':') + 1)

/** So few places are not worth looking through. */
const fewPlaces = 1024

export class DueTimes {
  readonly #heaps = new Map<number, Place[]>()
  /** Places of entries that were taken out, by operator. */
  readonly #left = new Map<number, number>()
  /** Whether an entry may ever have had two places. */
  #isTwice = false

  /** How many places there are, of all operators. */
  get size(): number {
    let size = 0
    for (const heap of this.#heaps.values()) size += heap.length
    return size
  }

  /** Notes the time that an entry is due, if there is one. An entry that has a place before it keeps that, and gets its own in its turn. */
  note(image: GroupImage): void {
    const dueMs = dueOf(image)
    if (dueMs === Number.POSITIVE_INFINITY || (image.placedMs ?? Number.POSITIVE_INFINITY) <= dueMs) return
    const key = String(image.lookup)
    const slot = slotOf(key)
    let heap = this.#heaps.get(slot)
    if (heap === undefined) {
      heap = []
      this.#heaps.set(slot, heap)
    }
    if (image.placedMs !== undefined) this.#isTwice = true
    place(heap, dueMs, key, image)
  }

  /** An entry was taken out: its place is passed over. */
  forget(image: GroupImage): void {
    if (image.placedMs === undefined) return
    image.placedMs = undefined
    const slot = slotOf(String(image.lookup))
    const heap = this.#heaps.get(slot) ?? []
    const left = (this.#left.get(slot) ?? 0) + 1
    const isMost = left > fewPlaces && 2 * left > heap.length
    this.#left.set(slot, isMost ? 0 : left)
    if (!isMost) return
    const places = heap.filter((place) => place.image.placedMs === place.dueMs)
    // A list in order is a heap.
    this.#heaps.set(
      slot,
      places.sort((one, other) => (isBefore(one, other) ? -1 : 1)),
    )
  }

  /** The next entry of an operator that is due by then, taken out. Whoever takes it sets it anew or deletes it. */
  take(slot: number, byMs: number): GroupImage | undefined {
    const heap = this.#heaps.get(slot)
    if (heap === undefined) return undefined
    const first = firstDue(heap)
    if (first === undefined || first.dueMs > byMs) return undefined
    take(heap)
    return first.image
  }

  /** How many entries of an operator are due by then. */
  countDue(slot: number, byMs: number): number {
    const heap = this.#heaps.get(slot) ?? []
    const seen = this.#isTwice ? new Set<GroupImage>() : null
    let count = 0
    const waiting = [0]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const place = heap[at]
      // A place is due no sooner than the one above it.
      if (place === undefined || place.dueMs > byMs) continue
      const { image } = place
      if (dueOf(image) <= byMs && seen?.has(image) !== true) {
        seen?.add(image)
        count += 1
      }
      waiting.push(2 * at + 1, 2 * at + 2)
    }
    return count
  }

  /** Whether any entry is due by then. */
  hasDue(byMs: number): boolean {
    for (const heap of this.#heaps.values()) {
      const first = firstDue(heap)
      if (first !== undefined && first.dueMs <= byMs) return true
    }
    return false
  }
}

/** The first place whose entry is due then: what was put off before it is given its own. */
function firstDue(heap: Place[]): Place | undefined {
  for (let first = heap[0]; first !== undefined; first = heap[0]) {
    const dueMs = dueOf(first.image)
    if (dueMs === first.dueMs) return first
    take(heap)
    const { image, key } = first
    if (dueMs !== Number.POSITIVE_INFINITY && image.placedMs === undefined) place(heap, dueMs, key, image)
  }
  return undefined
}

function place(heap: Place[], dueMs: number, key: string, image: GroupImage): void {
  image.placedMs = dueMs
  push(heap, { dueMs, key, image })
}

/** Takes out the first place. */
function take(heap: Place[]): void {
  const [first] = heap
  if (first !== undefined && first.image.placedMs === first.dueMs) first.image.placedMs = undefined
  pop(heap)
}

const isBefore = (left: Place, right: Place): boolean =>
  left.dueMs === right.dueMs ? left.key < right.key : left.dueMs < right.dueMs

function push(heap: Place[], place: Place): void {
  let at = heap.length
  heap.push(place)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !isBefore(place, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = place
}

function pop(heap: Place[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const child = smallerChild(heap, at)
    const below = heap[child]
    if (below === undefined || !isBefore(below, last)) break
    heap[at] = below
    at = child
  }
  heap[at] = last
}

function smallerChild(heap: readonly Place[], at: number): number {
  const left = heap[2 * at + 1]
  const right = heap[2 * at + 2]
  return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1
}
