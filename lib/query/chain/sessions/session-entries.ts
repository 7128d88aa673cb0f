// The entries of sessions: one for each that is open, due at its end, and an index for each group that says when its sessions
// begin. Sessions of a group neither touch nor overlap, so in the order of their beginnings they are in that of their ends.

import type { Entries } from '../stage-operator.ts'
import type { KeptSessions, Session } from './kept-sessions.ts'
import { SessionIndex } from './session-index.ts'
import type { Interval } from './session-interval.ts'

/** A group by its key, and where its sessions begin. */
interface Group {
  readonly text: string
  readonly index: SessionIndex
}

export class OpenSessions {
  readonly #entries: Entries<KeptSessions>

  constructor(entries: Entries<KeptSessions>) {
    this.#entries = entries
  }

  /** The sessions of a group that an interval touches or overlaps, the latest first. */
  touchedBy({ text, index }: Group, { startMs, endMs }: Interval): readonly Session[] {
    const touched: Session[] = []
    for (let start = index.latest(endMs); start !== undefined; start = index.latest(start - 1)) {
      const session = this.#entries.get(sessionKey(text, start))
      if (session === undefined || !isSession(session) || session.endMs < startMs) break
      touched.push(session)
    }
    return touched
  }

  /** One session in the place of those, which are next to each other. */
  replace({ text, index }: Group, touched: readonly Session[], session: Session, dueMs: number): void {
    let isNew = true
    for (const { startMs } of touched) {
      if (startMs === session.startMs) isNew = false
      else {
        this.#entries.delete(sessionKey(text, startMs))
        index.remove(startMs)
      }
    }
    this.#entries.set(sessionKey(text, session.startMs), session, dueMs)
    if (isNew) index.add(session.startMs)
  }

  /** Takes out the sessions that are due, the soonest first. */
  *takeEnded(boundMs: number): Iterable<readonly [text: string, session: Session]> {
    const ended = new Map<string, number[]>()
    for (const [key, session] of this.#entries.takeDue(boundMs)) {
      if (!isSession(session)) continue
      this.#entries.delete(key)
      const text = textOf(key)
      const starts = ended.get(text)
      if (starts === undefined) ended.set(text, [session.startMs])
      else starts.push(session.startMs)
      yield [text, session]
    }
    for (const [text, starts] of ended) {
      const index = new SessionIndex(this.#entries, text)
      for (const start of starts) index.remove(start)
    }
  }

  /** All of them, by their ends. */
  inOrder(): readonly (readonly [text: string, session: Session])[] {
    const all = Array.from(this.#entries.all()).flatMap(([key, session]) =>
      isSession(session) ? [[textOf(key), session] as const] : [],
    )
    return all.sort(
      ([leftText, left], [rightText, right]) =>
        left.endMs - right.endMs || left.startMs - right.startMs || (leftText < rightText ? -1 : 1),
    )
  }
}

const isSession = (kept: KeptSessions): kept is Session => 'acc' in kept
const sessionKey = (text: string, startMs: number): string => `${startMs} ${text}`
const textOf = (key: string): string => key.slice(key.indexOf(' ') + 1)
