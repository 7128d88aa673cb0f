import { expect, test } from 'vitest'

import { bufferedByAll } from '../../../mapping/source/flow-control.ts'

test('each mapping is told what waits in the others, as they said it last', () => {
  const [buffered, bars, tape] = [bufferedByAll(), {}, {}]
  expect(buffered.others(bars, { bytes: 1_000, partitions: 3 })).toEqual({ bytes: 0, partitions: 0 })
  expect(buffered.others(tape, { bytes: 50, partitions: 1 })).toEqual({ bytes: 1_000, partitions: 3 })
  expect(buffered.others(bars, { bytes: 0, partitions: 3 })).toEqual({ bytes: 50, partitions: 1 })
  expect(buffered.others(tape, { bytes: 60, partitions: 1 })).toEqual({ bytes: 0, partitions: 3 })
})
