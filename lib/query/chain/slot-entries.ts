// The entries of one operator in a turn: those of its slot, counted as it wants them to be.

import type { ChainTurn } from '../../state/protocol/operators/operator-chain.ts'
import type { Entries, StageOperator } from './stage-operator.ts'

interface Slot {
  readonly slot: number
  readonly operator: Pick<StageOperator, 'countsItself'>
  /** Event time takes nothing out of a table that is to be complete. */
  readonly keepsTable: boolean
}

export function slotEntries(turn: ChainTurn, { slot, operator, keepsTable }: Slot): Entries<unknown> {
  const isCounted = operator.countsItself !== true
  return {
    get: (key) => turn.get(slot, key),
    set: (key, value, dueMs) => turn.set(slot, key, value, keepsTable ? undefined : dueMs, isCounted),
    boundMs: turn.boundMs,
    entry(key) {
      const entry = turn.entry(slot, key)
      return {
        get: () => entry.get(),
        set: (value, dueMs) => entry.set(value, keepsTable ? undefined : dueMs, isCounted),
        delete: () => entry.delete(isCounted),
      }
    },
    replace: (key, value) => turn.replace(slot, key, value),
    delete: (key, isRemoval = true) => turn.delete(slot, key, isRemoval && isCounted),
    family: (name) => turn.family(slot, name),
    takeDue: (byMs) => turn.takeDue(slot, byMs),
    all: () => turn.entries(slot),
    count: (metric, by) => turn.count(slot, metric, by),
    countUpdated: (by) => turn.countUpdated(slot, by),
    countRemoved: (by) => turn.countRemoved(slot, by),
  }
}
