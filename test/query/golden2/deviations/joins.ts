// Where the answers to the files differ by decision: joins of two streams, and unions.

import { type Deviation, isDataAndTimeInOne, staysAbove } from './deviation.ts'

const isOfPairs =
  'The condition of a join is one of pairs: a row of one side alone is kept and waits, whatever it says. Spark asks what is of one side alone before.'

const steady = (file: string, phases: readonly number[]): Deviation => ({
  file,
  modes: ['append_steady'],
  cells: { rows: phases },
  why: isDataAndTimeInOne,
})

export const joins: readonly Deviation[] = [
  steady('join-inner', [4, 5, 6, 7, 8]),
  steady('join-left-semi', [4, 5, 6, 7, 8]),
  steady('join-left-then-window', [3, 4, 5, 6, 7, 8]),
  steady('join-right-outer', [4, 5, 6, 7, 8]),
  steady('union-watermarks-max', [1, 2, 3, 4, 5, 6, 7]),
  { file: 'static-join-window', modes: ['append', 'complete', 'update'], cells: { watermark: [1] }, why: staysAbove },
  {
    file: 'static-left-side',
    modes: ['append', 'batch'],
    cells: { refusal: ['whole'] },
    why: 'A static side stands on the right of a join; it has no methods of its own.',
  },
  {
    file: 'static-right-outer',
    modes: ['batch'],
    cells: { refusal: ['whole'] },
    why: 'A query goes through the rows of its stream, so rows of the static side alone are no part of it in batch mode either.',
  },
  {
    file: 'join-inner-one-watermark',
    modes: ['append'],
    cells: {
      'operator updated': [4, 6],
      'operator removed': [2, 3, 5, 7, 8],
      'operator total': [2, 3, 4, 5, 6, 7, 8],
    },
    why: 'A watermark of one side says which rows of the other wait in vain, and they go. In Spark they stay for ever.',
  },
  {
    file: 'join-residual',
    modes: ['append'],
    cells: { rows: [0, 3, 7], 'operator updated': [0], 'operator total': [0, 1, 2, 3, 4, 5, 6, 7, 8] },
    why: `${isOfPairs} And it takes a number that the condition compares for the time, so that rows of the left side stay for ever.`,
  },
  {
    file: 'join-residual-right-only',
    modes: ['append'],
    cells: { 'operator updated': [0], 'operator total': [0, 1], 'operator removed': [2] },
    why: isOfPairs,
  },
]
