// How the rows of a query become groups, as the protocol must know it: accumulators are opaque to it. Only types.

import type { TextWriter } from '../../../text-writer.ts'
import type { PartLayouts } from '../evolution/kept-parts.ts'

/** A group's key in memory: a value that a Map finds, equal exactly where the grouping values are. */
export type Lookup = string | number | boolean | null

/** Where an operator puts the groups of a row: used again for every row, so that none is allocated. */
export interface RowGroups {
  /** Where each group ends, epoch milliseconds; infinite where it never does. */
  readonly endsMs: number[]
  readonly lookups: Lookup[]
}

export interface RowPlace {
  readonly partition: number
  readonly offset: number
  /** Which row of its record, where a record can be several. */
  readonly index?: number
}

/** How rows become groups. Accumulators commute: the same rows in any order give the same encoded accumulator. */
export interface GroupOperator<Row, Acc> {
  /** @returns how many groups it wrote into `into`: several in sliding windows, none where a windowed time is null */
  groupsOf(row: Row, into: RowGroups): number
  /** The canonical text of a key, as it is kept, and back. */
  keyText(lookup: Lookup): string
  lookupOf(keyText: string): Lookup
  init(): Acc
  /** May change the accumulator that it is given; what it returns is kept. */
  add(acc: Acc, row: Row, at: RowPlace): Acc
  /**
   * Writes an accumulator as one line of text without tabs, as JSON is.
   * @param layouts where its parts lie; left out, in the operator's own order
   */
  write(acc: Acc, out: TextWriter, layouts?: PartLayouts): void
  /** A line that was written before a part was added lacks it: then the part is empty. */
  decode(encoded: string, layouts?: PartLayouts): Acc
}
