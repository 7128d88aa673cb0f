// One group of a shard in memory.

import type { Lookup } from '../protocol/stateful-query.ts'

/** A batch that is under way changes `acc` and `last`; the store has confirmed the line in `text`. */
export interface GroupImage {
  readonly endMs: number
  readonly lookup: Lookup
  /** The canonical text of its key; null until somebody wants it. */
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
}
