// One group in memory, or one entry of a stateful operator, or one row that is owed: what a line of the log stands for.

import type { Lookup } from '../protocol/operators/group-operator.ts'

/** Shared by groups of which no row was folded yet. */
export const noLast: (string | number)[] = []

/** A batch that is under way changes `acc` and `last`; the store has confirmed the line in `text`. */
export class GroupImage {
  declare readonly endMs: number
  declare readonly lookup: Lookup
  /** The canonical text of a group's key; null until somebody wants it. */
  declare key: string | null
  /** The lines that its own is one of, as it stands in the log; null before its first confirmed write. */
  declare text: string | null
  /** Where its line begins, and ends. */
  declare from: number
  declare to: number
  /** Undefined until somebody wants it. */
  declare acc: unknown
  /** `seq` of the append that wrote it: grows, and never comes twice. */
  declare version: number
  /** Topic-partition and last offset folded, in turns; update mode only. */
  declare last: (string | number)[]
  /** The attempt that changed it last. */
  declare changedBy: object | null
  /** Where an entry has a place among what is due, not after the time that it is due; left out where it has none (due-times.ts). */
  declare placedMs?: number | undefined

  constructor(endMs: number, lookup: Lookup) {
    this.endMs = endMs
    this.lookup = lookup
    this.key = null
    this.text = null
    this.from = 0
    this.to = 0
    this.acc = undefined
    this.version = 0
    this.last = noLast
    this.changedBy = null
  }
}

/** In the place of an accumulator: the image was taken out, and its next line says so. */
export const gone = Symbol('gone')
