// The rows that the operators of a chain give in a turn, on their way into the log: those of one partition's records, or of one step
// of event time.

import { noLast } from '../../shards/group-image.ts'
import type { Turn } from '../../shards/turn.ts'
import { type GivenRows, idOfRow, type RowBlocks, type RowName } from '../operators/row-block.ts'

export class RowsOfTurn implements GivenRows<never> {
  readonly rows: never[] = []
  readonly ids: RowName[] = []
  readonly offsets: number[] | null
  readonly #tp: string | null

  /** @param tp null where time brings them */
  constructor(tp: string | null) {
    this.#tp = tp
    this.offsets = tp === null ? null : []
  }

  /** @param offset of the record that it comes of */
  add(row: never, id: RowName, offset: number): void {
    this.rows.push(row)
    this.ids.push(id)
    this.offsets?.push(offset)
  }

  /** Puts them where they are owed: at a time, or in the lane of what batches gave. */
  owe(lane: number, blocks: RowBlocks<never>, turn: Turn): void {
    if (this.rows.length === 0) return
    for (const block of blocks.cut(this)) {
      const { ids, offsets } = block
      const image = turn.table.findOrAdd(lane, idOfRow(ids?.[0] ?? null, this.#tp ?? '', offsets?.[0] ?? 0))
      image.acc = block
      const last = offsets?.at(-1)
      image.last = this.#tp === null || last === undefined ? noLast : [this.#tp, last]
      turn.note(image)
    }
  }
}
