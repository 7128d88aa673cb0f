// dropDuplicates and dropDuplicatesWithinWatermark: the first row of a key goes through, the others do not. A key is kept until
// event time has passed: its own, where it has one (Spark: `eventTime <= watermark`); within the watermark, its first row's and
// the delay. Late rows are left out, whether or not event time is a part of the key.

import { atOnceMs } from '../../state/shards/due-times.ts'
import type { DropDuplicatesStep, Stage } from '../plan/stages/stage.ts'
import { keyText, rowCodec } from './kept-row.ts'
import type { Located, StageOperator } from './stage-operator.ts'
import { lateByTime, timeOf } from './time-of.ts'

const dropped = 'numDroppedDuplicateRows'

export function dropDuplicatesOperator(
  { columns, withinMs }: DropDuplicatesStep,
  { input, eventTime }: Stage,
  lagMs: number,
): StageOperator<null> {
  const keyOf = keyText(columns, input)
  const time = timeOf(eventTime, input)
  const isTimed = eventTime !== null && (withinMs !== null || columns.includes(eventTime))
  const never = Number.POSITIVE_INFINITY
  const expiryOf = (row: Located): number => {
    if (!isTimed) return never
    const timeMs = time(row.row)
    // Spark takes a null time for the beginning of time within the watermark, and for none at all otherwise.
    if (timeMs === null) return withinMs === null ? never : atOnceMs
    return timeMs + (withinMs ?? 0) + lagMs
  }
  return {
    name: withinMs === null ? 'dedupe' : 'dedupeWithinWatermark',
    fingerprint: `${withinMs === null ? 'dropDuplicates' : `dropDuplicatesWithinWatermark ${withinMs} ms`} ${keyColumns()}`,
    metrics: [dropped],
    isTimed: false,
    lagMs,
    keyOf: ({ row }) => keyOf(row),
    lateFor: (row, boundMs) => lateByTime(row, time(row.row), boundMs),
    apply(row, entries, emit) {
      const key = keyOf(row.row)
      if (entries.get(key) !== undefined) {
        entries.count(dropped)
        return
      }
      entries.set(key, null, expiryOf(row))
      emit(row.row, row.id ?? null, row.at)
    },
    tick(_, entries) {
      for (const [key] of entries.takeDue(atOnceMs)) entries.delete(key)
    },
    advance(boundMs, entries) {
      for (const [key] of entries.takeDue(boundMs)) entries.delete(key)
    },
    encode: () => 0,
    decode: () => null,
    text: { write: (_, out) => out.text('0'), read: () => null },
  }

  function keyColumns(): string {
    return `by ${rowCodec(new Map([...input].filter(([name]) => columns.includes(name)))).text}${isTimed ? ` until ${eventTime}` : ''}`
  }
}
