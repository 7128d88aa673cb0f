// When the entries of stateful operators are due: for each operator a binary heap by time, then by key. An entry that was given
// another time, or taken out, leaves its old place behind, which is passed over when it comes up.

import type { GroupImage } from './group-image.ts'

interface Place {
  readonly dueMs: number
  readonly key: string
  readonly image: GroupImage
}

/** The first word of `last` of an entry that is due some time; the time is the second. */
const dueWord = 'due'

export const dueAt = (dueMs: number): (string | number)[] =>
  dueMs === Number.POSITIVE_INFINITY ? [] : [dueWord, dueMs]

/** Infinite where an entry never is. */
export const dueOf = ({ last }: Pick<GroupImage, 'last'>): number =>
  last[0] === dueWord ? Number(last[1]) : Number.POSITIVE_INFINITY

/** Before every time: an entry that is due then lasts for its batch. */
export const atOnceMs = Number.MIN_SAFE_INTEGER

/** Up to when entries that are due count as removed when a batch is over. */
export const countedMs = (watermarkMs: number): number => Math.max(watermarkMs, atOnceMs)

/** The keys of all operators lie in one lane: each begins with its operator's number. */
export const entryKey = (slot: number, key: string): string => `${slot}:${key}`
export const slotOf = (entry: string): number => Number.parseInt(entry, 10)
export const keyOf = (entry: string): string => entry.slice(entry.indexOf(':') + 1)

/** Ends the part of a key that entries are found together by; JSON has no such character. */
export const familyMark = '\u001f'

/** The part of an entry's key that it has in common with its family; null where it is in none. */
export function familyOf(entry: string): string | null {
  const end = entry.indexOf(familyMark)
  return end === -1 ? null : entry.slice(0, end)
}

export class DueTimes {
  readonly #heaps = new Map<number, Place[]>()

  /** Notes the time that an entry is due, if there is one. */
  note(image: GroupImage): void {
    const dueMs = dueOf(image)
    if (dueMs === Number.POSITIVE_INFINITY) return
    const key = String(image.lookup)
    const slot = slotOf(key)
    let heap = this.#heaps.get(slot)
    if (heap === undefined) {
      heap = []
      this.#heaps.set(slot, heap)
    }
    push(heap, { dueMs, key, image })
  }

  /** The next entry of an operator that is due by then, taken out. Whoever takes it sets it anew or deletes it. */
  take(slot: number, byMs: number): GroupImage | undefined {
    const heap = this.#heaps.get(slot)
    if (heap === undefined) return undefined
    for (let first = heap[0]; first !== undefined && first.dueMs <= byMs; first = heap[0]) {
      pop(heap)
      if (isValid(first)) return first.image
    }
    return undefined
  }

  /** How many entries of an operator are due by then. */
  countDue(slot: number, byMs: number): number {
    const heap = this.#heaps.get(slot) ?? []
    const due = new Set<GroupImage>()
    const visit = (at: number): void => {
      const place = heap[at]
      // A place is due no sooner than the one above it.
      if (place === undefined || place.dueMs > byMs) return
      if (isValid(place)) due.add(place.image)
      visit(2 * at + 1)
      visit(2 * at + 2)
    }
    visit(0)
    return due.size
  }

  /** Whether any entry is due by then. */
  hasDue(byMs: number): boolean {
    for (const heap of this.#heaps.values()) {
      for (let first = heap[0]; first !== undefined && !isValid(first); first = heap[0]) pop(heap)
      if (heap[0] !== undefined && heap[0].dueMs <= byMs) return true
    }
    return false
  }
}

const isValid = ({ dueMs, image }: Place): boolean => dueOf(image) === dueMs

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
