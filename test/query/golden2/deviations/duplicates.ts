// Where the answers to the files differ by decision: dropDuplicates and dropDuplicatesWithinWatermark.

import { type Deviation, isDataAndTimeInOne } from './deviation.ts'

export const duplicates: readonly Deviation[] = [
  { file: 'dedup-key-time', modes: ['append_steady'], cells: { rows: [2, 3, 4, 5, 6] }, why: isDataAndTimeInOne },
  { file: 'dedupww-basic', modes: ['append_steady'], cells: { rows: [5, 6, 7, 8, 9] }, why: isDataAndTimeInOne },
  { file: 'dedupww-out-of-order', modes: ['append_steady'], cells: { rows: [3, 4] }, why: isDataAndTimeInOne },
  {
    file: 'dedupww-random',
    modes: ['append_steady'],
    cells: { rows: [4, 5, 6, 7, 8, 9, 10] },
    why: isDataAndTimeInOne,
  },
  {
    file: 'dedup-several-columns',
    modes: ['batch'],
    cells: { rows: ['whole'] },
    why: 'Batch mode tells rows apart as the stream does, where 0.0 and -0.0 are two; in Spark they are one in a batch query alone.',
  },
]
