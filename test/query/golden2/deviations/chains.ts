// Where the answers to the files differ by decision: operators after operators.

import { type Deviation, isDataAndTimeInOne } from './deviation.ts'

export const chains: readonly Deviation[] = [
  { file: 'chain-dedupww-window', modes: ['append_steady'], cells: { rows: [6] }, why: isDataAndTimeInOne },
]
