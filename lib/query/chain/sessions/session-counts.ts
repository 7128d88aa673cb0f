// What progress says of sessions, by Spark's count: as updated all sessions of the groups that a batch has touched, as they are after
// it; as removed those that have ended, and those of before that are not there any more because they were merged or begin earlier.

import type { Entries } from '../stage-operator.ts'
import { hasStart, type Session } from './session-entries.ts'

interface Touched {
  /** The beginnings of the group's sessions before the batch. */
  readonly before: readonly number[]
  counted: number
}

type Counting = Pick<Entries<never>, 'countUpdated' | 'countRemoved'>

export class SessionCounts {
  /** By the entries of a turn, which are those of one batch, then by group. */
  readonly #turns = new WeakMap<Counting, Map<string, Touched>>()

  /** @param starts the beginnings of the group's sessions */
  touch(entries: Counting, text: string, starts: readonly number[]): void {
    const groups = this.#turns.get(entries) ?? new Map<string, Touched>()
    this.#turns.set(entries, groups)
    if (!groups.has(text)) groups.set(text, { before: [...starts], counted: 0 })
  }

  /** @param merged what became one session, which begins at `startMs`; the group has `size` sessions now */
  changed(entries: Counting, text: string, size: number, merged: readonly Session[], startMs: number): void {
    const group = this.#turns.get(entries)?.get(text)
    if (group === undefined) return
    if (size !== group.counted) entries.countUpdated(size - group.counted)
    group.counted = size
    for (const one of merged) {
      if (one.startMs !== startMs && hasStart(group.before, one.startMs)) entries.countRemoved()
    }
  }
}
