// The entries of sessions: one for each that is open, due at its end, and an index for each group that says when its sessions
// begin. Sessions of a group neither touch nor overlap, so in the order of their beginnings they are in that of their ends.

import type { Entries } from '../stage-operator.ts'
import type { KeptSessions, Session } from './kept-sessions.ts'
import { SessionIndex } from './session-index.ts'

export class OpenSessions {
  readonly #entries: Entries<KeptSessions>

  constructor(entries: Entries<KeptSessions>) {
    this.#entries = entries
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

  /** The sessions of a group, in the order of their beginnings. */
  *ofGroup(text: string): Iterable<readonly [text: string, session: Session]> {
    for (const startMs of new SessionIndex(this.#entries, text).starts()) {
      const session = this.#entries.get(sessionKey(text, startMs))
      if (session !== undefined && isSession(session)) yield [text, session]
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

export const isSession = (kept: KeptSessions): kept is Session => 'acc' in kept
export const sessionKey = (text: string, startMs: number): string => `${startMs} ${text}`
const textOf = (key: string): string => key.slice(key.indexOf(' ') + 1)
