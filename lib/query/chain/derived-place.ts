// The place of a row that an operator made of several. Aggregates that go by the order of rows, as `first` does, see such rows in
// the order of their times, which are the same in every attempt and in batch mode.

import type { Coordinates } from '../../event/located-row.ts'

/** @param timeMs of the row; infinite where it has none */
export const derivedPlace = (timeMs: number): Coordinates => ({
  topic: '',
  partition: 0,
  offset: Number.isFinite(timeMs) ? timeMs : Number.MAX_SAFE_INTEGER,
  timestamp: Number.isFinite(timeMs) ? timeMs : 0,
  timestampType: -1,
})
