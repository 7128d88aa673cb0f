// Where the answers to the files differ by decision: what moves the watermark.

import type { Deviation } from './deviation.ts'

const staysAbove =
  'A where that stands after withWatermark stays there: the rows that it leaves out move the watermark. Spark puts some below it.'

export const watermarks: readonly Deviation[] = [
  {
    file: 'progress-filter-before',
    modes: ['append'],
    cells: {
      rows: [1, 2, 3],
      watermark: [2, 3],
      'operator updated': [2],
      'operator removed': [1, 2, 3],
      'operator total': [1, 2],
      'operator dropped': [2],
    },
    why: staysAbove,
  },
]
