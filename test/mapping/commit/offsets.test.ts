import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partitionOffsets } from '../../../mapping/commit/offsets.ts'

const from = (position: number, committed: number | undefined = undefined) =>
  partitionOffsets({ position, committed, pinned: false })

const at = (offsets: readonly number[]) => offsets.map((offset) => ({ offset }))

test('the commit is the last handled offset + 1', () => {
  const offsets = from(0)
  offsets.received(at([0, 1, 2]), 3)
  expect(offsets.committable()).toBeUndefined()
  for (const offset of [0, 1, 2]) offsets.handled(offset)
  expect(offsets.committable()).toBe(3)
  offsets.confirm(3)
  expect(offsets.committable()).toBeUndefined()
})

test('a gap that Kafka filtered is committed with the record before it', () => {
  const offsets = from(5, 5)
  offsets.received(at([5, 7]), 12)
  offsets.handled(5)
  expect(offsets.committable()).toBe(7)
  offsets.handled(7)
  expect(offsets.committable()).toBe(12)
})

test('a fetch in which everything was filtered moves the commit', () => {
  const offsets = from(5, 5)
  offsets.received(at([]), 9)
  expect(offsets.position()).toBe(9)
  expect(offsets.committable()).toBe(9)
})

test('a record handled out of turn waits for those before it', () => {
  const offsets = from(0)
  offsets.received(at([0, 1]), 2)
  offsets.handled(1)
  expect(offsets.committable()).toBeUndefined()
  offsets.handled(0)
  expect(offsets.committable()).toBe(2)
})

test('a pinned start is committed before anything was read, any other is not', () => {
  expect(partitionOffsets({ position: 9, committed: undefined, pinned: true }).committable()).toBe(9)
  expect(from(9).committable()).toBeUndefined()
})

test('reading an offset again is a bug and says so', () => {
  const offsets = from(0)
  offsets.received(at([0]), 1)
  expect(() => offsets.received(at([0]), 1)).toThrow('offset 0 was read again: 1 comes next')
})

test('no commit ever stands above an unhandled record, and all handled means all committed', () => {
  const fetches = fc.array(fc.record({ gaps: fc.array(fc.nat(2), { maxLength: 6 }), tail: fc.nat(3) }), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(
      fetches,
      fc.array(fc.nat(100), { maxLength: 80 }),
      fc.nat(50),
      fc.boolean(),
      (script, picks, start, isNew) => {
        const offsets = from(start, isNew ? undefined : start)
        const unhandled: number[] = []
        let next = start
        let committed = start
        const check = () => {
          const offset = offsets.committable()
          if (offset !== undefined) {
            expect(offset).toBeGreaterThan(committed)
            for (const open of unhandled) expect(offset).toBeLessThanOrEqual(open)
            offsets.confirm(offset)
            committed = offset
          }
        }
        const handleOne = (pick: number) => {
          const [offset] = unhandled.splice(pick % Math.max(1, unhandled.length), 1)
          if (offset !== undefined) offsets.handled(offset)
        }
        for (const { gaps, tail } of script) {
          const read = gaps.map((gap) => {
            const offset = next + gap
            next = offset + 1
            return offset
          })
          next += tail
          offsets.received(at(read), next)
          unhandled.push(...read)
          check()
          for (const pick of picks.splice(0, 3)) handleOne(pick)
          check()
        }
        while (unhandled.length > 0) {
          handleOne(picks.pop() ?? 0)
          check()
        }
        expect(committed).toBe(next)
      },
    ),
  )
})

test('a commit that the broker lost is made again', () => {
  const offsets = from(5, 5)
  offsets.received(at([5, 6]), 7)
  offsets.handled(5)
  offsets.confirm(6)
  offsets.uncommitted()
  expect(offsets.committable()).toBe(6)
})
