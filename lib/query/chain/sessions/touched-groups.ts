// The groups that a batch has touched, and what progress says of their sessions, by Spark's count: as updated all sessions of these
// groups, as they are after the batch; as removed those that have ended, and those of before that were merged or begin earlier.

import type { KeyLookup } from '../../../aggregate/group-key.ts'
import type { Entries, Entry } from '../stage-operator.ts'
import type { KeptSessions, Session } from './kept-sessions.ts'
import { isSession, sessionKey } from './session-entries.ts'
import { hasStart, SessionIndex } from './session-index.ts'
import type { Interval } from './session-interval.ts'

/** A group that a batch has touched. */
export class TouchedGroup {
  /** The key of the group. */
  readonly text: string
  readonly index: SessionIndex
  readonly #entries: Entries<KeptSessions>
  /** The beginnings of its sessions before the batch. */
  readonly #before: readonly number[]
  /** Entries of sessions that were looked at, by their beginnings: rows come again and again to the same. */
  readonly #sessions = new Map<number, Entry<KeptSessions>>()
  #counted = 0

  constructor(entries: Entries<KeptSessions>, text: string) {
    this.text = text
    this.index = new SessionIndex(entries, text)
    this.#entries = entries
    this.#before = [...this.index.starts()]
  }

  /** The sessions that an interval touches or overlaps, the latest first. */
  touchedBy({ startMs, endMs }: Interval): readonly Session[] {
    const touched: Session[] = []
    for (let start = this.index.latest(endMs); start !== undefined; start = this.index.latest(start - 1)) {
      const session = this.#entryOf(start).get()
      if (session === undefined || !isSession(session) || session.endMs < startMs) break
      touched.push(session)
    }
    return touched
  }

  /** One session in the place of those, which are next to each other. */
  replace(touched: readonly Session[], session: Session, dueMs: number): void {
    let isNew = true
    for (const { startMs } of touched) {
      if (startMs === session.startMs) isNew = false
      else {
        this.#entryOf(startMs).delete()
        this.index.remove(startMs)
      }
    }
    this.#entryOf(session.startMs).set(session, dueMs)
    if (isNew) this.index.add(session.startMs)
    this.#count(touched, session.startMs)
  }

  #entryOf(startMs: number): Entry<KeptSessions> {
    let entry = this.#sessions.get(startMs)
    if (entry === undefined) {
      entry = this.#entries.entry(sessionKey(this.text, startMs))
      this.#sessions.set(startMs, entry)
    }
    return entry
  }

  /** @param merged what became one session, which begins at `startMs` */
  #count(merged: readonly Session[], startMs: number): void {
    const { size } = this.index
    if (size !== this.#counted) this.#entries.countUpdated(size - this.#counted)
    this.#counted = size
    for (const one of merged) {
      if (one.startMs !== startMs && hasStart(this.#before, one.startMs)) this.#entries.countRemoved()
    }
  }
}

export class TouchedGroups {
  /** Those of a turn, which is that of one batch. */
  #entries: Entries<KeptSessions> | null = null
  #groups = new Map<KeyLookup, TouchedGroup>()

  /** @param textOf the key of a group */
  touch(entries: Entries<KeptSessions>, lookup: KeyLookup, textOf: (lookup: KeyLookup) => string): TouchedGroup {
    if (entries !== this.#entries) {
      this.#entries = entries
      this.#groups = new Map()
    }
    let group = this.#groups.get(lookup)
    if (group === undefined) {
      group = new TouchedGroup(entries, textOf(lookup))
      this.#groups.set(lookup, group)
    }
    return group
  }
}
