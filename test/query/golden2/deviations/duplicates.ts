// Where the answers to the files differ by decision: dropDuplicates and dropDuplicatesWithinWatermark.

import { type Deviation, isDataAndTimeInOne } from './deviation.ts'

export const duplicates: readonly Deviation[] = [
  { file: 'dedup-key-time', modes: ['append_steady'], cells: { rows: [2, 3, 4, 5, 6] }, why: isDataAndTimeInOne },
  { file: 'dedupww-basic', modes: ['append_steady'], cells: { rows: [5, 6, 7, 8, 9] }, why: isDataAndTimeInOne },
  { file: 'dedupww-out-of-order', modes: ['append_steady'], cells: { rows: [3, 4] }, why: isDataAndTimeInOne },
]
