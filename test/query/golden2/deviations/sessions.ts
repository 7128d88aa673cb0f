// Where the answers to the files differ by decision: sessions.

import { type Deviation, isDataAndTimeInOne } from './deviation.ts'

export const sessions: readonly Deviation[] = [
  {
    file: 'session-dedup-random',
    modes: ['append_steady'],
    cells: { rows: [3, 4, 5, 6, 7, 8, 9, 10] },
    why: isDataAndTimeInOne,
  },
  { file: 'session-random-2', modes: ['append_steady'], cells: { rows: [6, 7, 8] }, why: isDataAndTimeInOne },
]
