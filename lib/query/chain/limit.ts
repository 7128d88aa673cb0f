// limit in a stream: the first rows that ever come, of all batches. It keeps one number, so it needs all rows in one shard. A row that
// is late by its event time takes no place: the operators behind would leave it out.

import type { LimitStep, Stage } from '../plan/stages/stage.ts'
import type { StageOperator } from './stage-operator.ts'
import { lateByTime, timeOf } from './time-of.ts'

/** All rows count together. */
const key = 'rows'

export function limitOperator({ count }: LimitStep, { input, eventTime }: Stage): StageOperator<number> {
  const time = timeOf(eventTime, input)
  return {
    name: 'globalLimit',
    fingerprint: `limit ${count}`,
    isTimed: false,
    lagMs: 0,
    keyOf: () => key,
    lateFor: (row, boundMs) => lateByTime(row, time(row.row), boundMs),
    apply(row, entries, emit) {
      const taken = entries.get(key) ?? 0
      if (taken >= count) return
      entries.set(key, taken + 1)
      emit(row.row, row.id ?? null, row.at)
    },
    advance() {},
    encode: (taken) => taken,
    decode: Number,
  }
}
