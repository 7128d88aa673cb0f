// What progress says of sessions, by Spark's count: as updated all sessions of the groups that a batch has touched, as they are after
// it; as removed those that have ended, and those of before that are not there any more because they were merged or begin earlier.

import type { Entries } from '../stage-operator.ts'
import type { Session } from './kept-sessions.ts'
import { hasStart, type SessionIndex } from './session-index.ts'

type Counting = Pick<Entries<never>, 'countUpdated' | 'countRemoved'>

/** A group that a batch has touched. */
export class TouchedGroup {
  readonly #entries: Counting
  /** The beginnings of its sessions before the batch. */
  readonly #before: readonly number[]
  #counted = 0

  constructor(entries: Counting, starts: readonly number[]) {
    this.#entries = entries
    this.#before = [...starts]
  }

  /** @param merged what became one session, which begins at `startMs`; the group has `size` sessions now */
  changed(size: number, merged: readonly Session[], startMs: number): void {
    if (size !== this.#counted) this.#entries.countUpdated(size - this.#counted)
    this.#counted = size
    for (const one of merged) {
      if (one.startMs !== startMs && hasStart(this.#before, one.startMs)) this.#entries.countRemoved()
    }
  }
}

export class SessionCounts {
  /** By the entries of a turn, which are those of one batch, then by group. */
  readonly #turns = new WeakMap<Counting, Map<string, TouchedGroup>>()

  /** @param index of the group's sessions */
  touch(entries: Counting, text: string, index: SessionIndex): TouchedGroup {
    let groups = this.#turns.get(entries)
    if (groups === undefined) {
      groups = new Map()
      this.#turns.set(entries, groups)
    }
    let group = groups.get(text)
    if (group === undefined) {
      group = new TouchedGroup(entries, index.starts())
      groups.set(text, group)
    }
    return group
  }
}
