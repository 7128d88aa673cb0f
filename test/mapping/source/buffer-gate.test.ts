import { expect, test } from 'vitest'
import { createBufferGate } from '../../../mapping/source/buffer-gate.ts'

const gate = () => createBufferGate({ maxBytes: 1_000, minBytesPerPartition: 100 })
const waiting = (...bytes: number[]) => new Map(bytes.map((count, partition) => [partition, count]))

test('one partition may fill the whole buffer while the others are empty', () => {
  expect(gate().update(waiting(999, 0, 0, 0)).pause).toEqual([])
})

test('in a full buffer only partitions with their share are paused', () => {
  expect(gate().update(waiting(900, 100, 0, 249)).pause).toEqual([0])
})

test('a paused partition is read again at half its share, or when the buffer is half empty', () => {
  const one = gate()
  expect(one.update(waiting(900, 400)).pause).toEqual([0])
  expect(one.update(waiting(400, 400))).toEqual({ pause: [], resume: [] })
  expect(one.update(waiting(240, 400)).resume).toEqual([0])
  const other = gate()
  other.update(waiting(1_000, 0))
  expect(other.update(waiting(499, 0)).resume).toEqual([0])
})

test('a partition that went to another member is not kept paused for its return', () => {
  const one = gate()
  expect(one.update(waiting(1_000, 0)).pause).toEqual([0])
  expect(one.update(new Map([[1, 0]])).resume).toEqual([0])
})

test('what waits in other mappings fills the buffer too, and makes the shares smaller', () => {
  expect(gate().update(waiting(300, 0), { bytes: 699, partitions: 2 }).pause).toEqual([])
  expect(gate().update(waiting(300, 0), { bytes: 700, partitions: 2 }).pause).toEqual([0])
  expect(gate().update(waiting(240, 0), { bytes: 760, partitions: 2 }).pause).toEqual([])
})
