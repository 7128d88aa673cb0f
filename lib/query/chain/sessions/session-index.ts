// Where the open sessions of a group begin. The index is an entry of its own; of a group that has many it is cut into leaves, each an
// entry, and the group's entry says where each leaf begins: so a new session writes the leaf that it is in, and not all of them.

import { indexMark } from '../../../state/shards/due-times.ts'
import type { Entries } from '../stage-operator.ts'
import type { KeptSessions, SessionLeaves, SessionStarts } from './kept-sessions.ts'

/** How many beginnings one entry has at most. */
const defaultMaxStarts = 512

export class SessionIndex {
  readonly #entries: Entries<KeptSessions>
  /** The key of the group. */
  readonly #text: string
  readonly #maxStarts: number
  #root: SessionStarts | SessionLeaves

  constructor(entries: Entries<KeptSessions>, text: string, maxStarts = defaultMaxStarts) {
    this.#entries = entries
    this.#text = text
    this.#maxStarts = maxStarts
    const root = entries.get(rootKey(text))
    this.#root = root === undefined || 'acc' in root ? { starts: [] } : root
  }

  get size(): number {
    return 'starts' in this.#root ? this.#root.starts.length : this.#root.count
  }

  /** All beginnings, ascending. */
  starts(): readonly number[] {
    if ('starts' in this.#root) return this.#root.starts
    return this.#root.leaves.flatMap((leaf) => this.#leaf(leaf).starts)
  }

  /** The latest beginning up to a moment; undefined where there is none. */
  latest(momentMs: number): number | undefined {
    if ('starts' in this.#root) return lastUpTo(this.#root.starts, momentMs)
    // A leaf may have lost the beginning that it is named by.
    for (let l = this.#leafAt(momentMs); l >= 0; l -= 1) {
      const start = lastUpTo(this.#leaf(this.#root.leaves[l] ?? null).starts, momentMs)
      if (start !== undefined) return start
    }
    return undefined
  }

  add(startMs: number): void {
    const [name, leaf] = this.#leafOf(startMs)
    leaf.starts.splice(countUpTo(leaf.starts, startMs), 0, startMs)
    if ('leaves' in this.#root) this.#root.count += 1
    if (leaf.starts.length > this.#maxStarts) this.#split(name, leaf)
    else if (name !== null) this.#entries.set(leafKey(this.#text, name), leaf)
    this.#entries.set(rootKey(this.#text), this.#root)
  }

  /** Takes one out that is there. */
  remove(startMs: number): void {
    const [name, leaf] = this.#leafOf(startMs)
    leaf.starts.splice(countUpTo(leaf.starts, startMs) - 1, 1)
    if (name !== null && 'leaves' in this.#root) {
      this.#root.count -= 1
      if (leaf.starts.length > 0) this.#entries.set(leafKey(this.#text, name), leaf)
      else {
        this.#root.leaves.splice(this.#root.leaves.indexOf(name), 1)
        this.#entries.delete(leafKey(this.#text, name))
      }
    }
    if (this.size > 0) this.#entries.set(rootKey(this.#text), this.#root)
    else {
      this.#entries.delete(rootKey(this.#text))
      this.#root = { starts: [] }
    }
  }

  /** One leaf becomes several, each half full and named by its first beginning. */
  #split(name: number | null, { starts }: SessionStarts): void {
    const names: number[] = []
    if (name !== null) this.#entries.delete(leafKey(this.#text, name))
    for (let from = 0; from < starts.length; from += this.#maxStarts / 2) {
      const part = starts.slice(from, from + this.#maxStarts / 2)
      names.push(part[0] ?? 0)
      this.#entries.set(leafKey(this.#text, part[0] ?? 0), { starts: part })
    }
    if (name === null || 'starts' in this.#root) this.#root = { leaves: names, count: starts.length }
    else this.#root.leaves.splice(this.#root.leaves.indexOf(name), 1, ...names)
  }

  /** The leaf that a beginning is in, and its name; null where there is one for all. */
  #leafOf(startMs: number): readonly [name: number | null, leaf: SessionStarts] {
    if ('starts' in this.#root) return [null, this.#root]
    const name = this.#root.leaves[this.#leafAt(startMs)] ?? 0
    return [name, this.#leaf(name)]
  }

  #leafAt(momentMs: number): number {
    return 'starts' in this.#root ? 0 : Math.max(0, countUpTo(this.#root.leaves, momentMs) - 1)
  }

  #leaf(name: number | null): SessionStarts {
    if ('starts' in this.#root) return this.#root
    const leaf = this.#entries.get(leafKey(this.#text, name ?? 0))
    return leaf !== undefined && 'starts' in leaf ? leaf : { starts: [] }
  }
}

const rootKey = (text: string): string => `${indexMark}${text}`
/** The key of a group begins with a bracket, so no leaf has the key of a root. */
const leafKey = (text: string, name: number): string => `${indexMark}${name} ${text}`

/** Whether a session begins at a moment. @param starts ascending */
export const hasStart = (starts: readonly number[], startMs: number): boolean => lastUpTo(starts, startMs) === startMs

const lastUpTo = (starts: readonly number[], limit: number): number | undefined => starts[countUpTo(starts, limit) - 1]

/** How many of the ascending numbers are not above a limit. */
function countUpTo(starts: readonly number[], limit: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
