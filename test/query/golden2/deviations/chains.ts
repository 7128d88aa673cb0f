// Where the answers to the files differ by decision: operators after operators.

import { type Deviation, isDataAndTimeInOne } from './deviation.ts'

const isInMilliseconds =
  'Times are in milliseconds: the last moment of a window is a millisecond before its end, and not a microsecond.'

export const chains: readonly Deviation[] = [
  { file: 'chain-dedupww-window', modes: ['append_steady'], cells: { rows: [6] }, why: isDataAndTimeInOne },
  {
    file: 'chain-window-window',
    modes: ['append_steady'],
    cells: { rows: [2, 3, 4, 5, 6, 7] },
    why: isDataAndTimeInOne,
  },
  {
    file: 'chain-smaller-window',
    modes: ['append'],
    cells: { rows: [4, 6, 7] },
    asOurs: (row) => row.replaceAll('.999999"', '.999"'),
    why: isInMilliseconds,
  },
  { file: 'chain-smaller-window', modes: ['append_steady'], cells: { rows: [4, 5, 6, 7] }, why: isInMilliseconds },
]
