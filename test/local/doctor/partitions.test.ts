import { expect, test } from 'vitest'
import { checkPartitions } from '../../../local/doctor/partitions.ts'

test('a topic with another count than its functions are told is a problem, one that is not there is none', () => {
  const told = new Map([
    ['orders', 6],
    ['clicks', 3],
    ['new', 3],
  ])
  const found = new Map([
    ['orders', 3],
    ['clicks', 3],
    ['foreign', 9],
  ])
  expect(checkPartitions(told, found)).toEqual([
    { level: 'problem', subject: 'topic orders', says: expect.stringMatching(/3 .*6/), remedy: expect.any(String) },
    { level: 'ok', subject: 'topic clicks', says: '3 partitions, as its functions are told' },
  ])
})
