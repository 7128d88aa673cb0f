// Where the answers to the files differ by decision: what moves the watermark.

import { type Deviation, staysAbove } from './deviation.ts'

export const watermarks: readonly Deviation[] = [
  {
    file: 'progress-filter-before',
    modes: ['append', 'update'],
    cells: {
      watermark: [2, 3],
      'operator updated': [2],
      'operator removed': [1, 2, 3],
      'operator total': [1, 2],
      'operator dropped': [2],
    },
    why: staysAbove,
  },
  { file: 'progress-filter-before', modes: ['append'], cells: { rows: [1, 2, 3] }, why: staysAbove },
  { file: 'progress-filter-before', modes: ['update'], cells: { rows: [2] }, why: staysAbove },
  {
    file: 'progress-filter-time',
    modes: ['append', 'update'],
    cells: {
      watermark: [3, 4],
      'operator updated': [3, 4],
      'operator removed': [4],
      'operator total': [3, 4],
      'operator dropped': [3, 4],
    },
    why: staysAbove,
  },
  { file: 'progress-filter-time', modes: ['append'], cells: { rows: [4] }, why: staysAbove },
  { file: 'progress-filter-time', modes: ['update'], cells: { rows: [3, 4] }, why: staysAbove },
]
