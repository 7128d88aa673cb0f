// The entries of sessions: one for each that is open, due at its end, and an index for each group that says when its sessions
// begin. Sessions of a group neither touch nor overlap, so in the order of their beginnings they are in that of their ends.

import type { Accumulators } from '../../../aggregate/aggregation.ts'
import { indexMark } from '../../../state/shards/due-times.ts'
import type { Entries } from '../stage-operator.ts'
import type { Interval } from './session-interval.ts'

export interface Session extends Interval {
  readonly acc: Accumulators
}

/** The beginnings of a group's open sessions, ascending. Changed in place: a group may have thousands. */
export interface SessionIndex {
  readonly starts: number[]
}

export type KeptSessions = Session | SessionIndex

export class OpenSessions {
  readonly #entries: Entries<KeptSessions>

  constructor(entries: Entries<KeptSessions>) {
    this.#entries = entries
  }

  /** @param text the key of the group */
  indexOf(text: string): SessionIndex {
    const index = this.#entries.get(indexKey(text))
    return index !== undefined && 'starts' in index ? index : { starts: [] }
  }

  /** The sessions of a group that an interval touches or overlaps, the latest first. */
  touchedBy(text: string, { starts }: SessionIndex, { startMs, endMs }: Interval): readonly Session[] {
    const touched: Session[] = []
    for (let i = countUpTo(starts, endMs) - 1; i >= 0; i -= 1) {
      const session = this.#entries.get(sessionKey(text, starts[i] ?? 0))
      if (session === undefined || 'starts' in session || session.endMs < startMs) break
      touched.push(session)
    }
    return touched
  }

  /** One session in the place of those, which are next to each other. */
  replace(text: string, index: SessionIndex, touched: readonly Session[], session: Session, dueMs: number): void {
    for (const { startMs } of touched) {
      if (startMs !== session.startMs) this.#entries.delete(sessionKey(text, startMs))
    }
    this.#entries.set(sessionKey(text, session.startMs), session, dueMs)
    const [only] = touched
    if (touched.length === 1 && only?.startMs === session.startMs) return
    const from = countUpTo(index.starts, touched.at(-1)?.startMs ?? session.startMs) - (touched.length === 0 ? 0 : 1)
    index.starts.splice(from, touched.length, session.startMs)
    this.#entries.set(indexKey(text), index)
  }

  /** Takes out the sessions that are due, the soonest first. */
  *takeEnded(boundMs: number): Iterable<readonly [text: string, session: Session]> {
    const ended = new Map<string, Set<number>>()
    for (const [key, session] of this.#entries.takeDue(boundMs)) {
      if ('starts' in session) continue
      this.#entries.delete(key)
      const text = textOf(key)
      const starts = ended.get(text) ?? new Set()
      ended.set(text, starts.add(session.startMs))
      yield [text, session]
    }
    for (const [text, gone] of ended) {
      const starts = this.indexOf(text).starts.filter((start) => !gone.has(start))
      if (starts.length === 0) this.#entries.delete(indexKey(text))
      else this.#entries.set(indexKey(text), { starts })
    }
  }

  /** The sessions of a group, in the order of their beginnings. */
  *ofGroup(text: string): Iterable<readonly [text: string, session: Session]> {
    for (const startMs of this.indexOf(text).starts) {
      const session = this.#entries.get(sessionKey(text, startMs))
      if (session !== undefined && 'acc' in session) yield [text, session]
    }
  }

  /** All of them, by their ends. */
  inOrder(): readonly (readonly [text: string, session: Session])[] {
    const all = Array.from(this.#entries.all()).flatMap(([key, session]) =>
      'starts' in session ? [] : [[textOf(key), session] as const],
    )
    return all.sort(
      ([leftText, left], [rightText, right]) =>
        left.endMs - right.endMs || left.startMs - right.startMs || (leftText < rightText ? -1 : 1),
    )
  }
}

const indexKey = (text: string): string => `${indexMark}${text}`
const sessionKey = (text: string, startMs: number): string => `${startMs} ${text}`
const textOf = (key: string): string => key.slice(key.indexOf(' ') + 1)

/** Whether a session begins at a moment. @param starts ascending */
export const hasStart = (starts: readonly number[], startMs: number): boolean =>
  starts[countUpTo(starts, startMs) - 1] === startMs

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
