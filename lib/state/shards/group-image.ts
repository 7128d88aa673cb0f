// One group in memory, or one entry of a stateful operator, or one row that is owed: what a line of the log stands for.

import type { Lookup } from '../protocol/operators/group-operator.ts'

/** A batch that is under way changes `acc` and `last`; the store has confirmed the line in `text`. */
export interface GroupImage {
  readonly endMs: number
  readonly lookup: Lookup
  /** The canonical text of a group's key; null until somebody wants it. */
  key: string | null
  /** The lines that its own is one of, as it stands in the log; null before its first confirmed write. */
  text: string | null
  /** Where its line begins, and ends. */
  from: number
  to: number
  /** Undefined until somebody wants it. */
  acc: unknown
  /** `seq` of the append that wrote it: grows, and never comes twice. */
  version: number
  /** Topic-partition and last offset folded, in turns; update mode only. */
  last: (string | number)[]
  /** The attempt that changed it last. */
  changedBy: object | null
  /** Where an entry has a place among what is due, not after the time that it is due; left out where it has none (due-times.ts). */
  placedMs?: number | undefined
}

/** In the place of an accumulator: the image was taken out, and its next line says so. */
export const gone = Symbol('gone')

/** Shared by groups of which no row was folded yet. */
export const noLast: (string | number)[] = []
