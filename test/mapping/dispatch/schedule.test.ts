import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSchedule } from '../../../mapping/dispatch/schedule.ts'

interface Pending {
  readonly name: string
  readonly partitions: readonly number[]
  readonly dueAtMs: number
}
const pending = (name: string, partitions: readonly number[], dueAtMs = 0): Pending => ({ name, partitions, dueAtMs })

test('an invocation that waits for its time blocks what shares a partition with it, and nothing else', () => {
  const schedule = createSchedule<Pending>()
  schedule.add(pending('a', [0, 1], 500))
  schedule.add(pending('b', [1]))
  schedule.add(pending('c', [2]))
  expect(schedule.next(0)?.name).toBe('c')
  expect(schedule.next(0)).toBeUndefined()
  expect(schedule.dueAtMs()).toBe(500)
  expect(schedule.next(500)?.name).toBe('a')
  expect(schedule.dueAtMs()).toBeUndefined()
})

test('the retries of an invocation take its place in the order', () => {
  const schedule = createSchedule<Pending>()
  const first = pending('first', [0])
  schedule.add(first)
  schedule.next(0)
  schedule.settle(first, [pending('left', [0]), pending('right', [0])])
  expect(schedule.next(0)?.name).toBe('left')
  expect(schedule.next(0)).toBeUndefined()
  expect(schedule.includes(0)).toBe(true)
})

test('order holds inside each partition, no partition is in flight twice, and all is done in the end', () => {
  const anInvocation = fc.record({
    partitions: fc.uniqueArray(fc.nat(4), { minLength: 1, maxLength: 3 }),
    splits: fc.nat(3),
    waitMs: fc.nat(20),
  })
  fc.assert(
    fc.property(fc.array(anInvocation, { maxLength: 20 }), fc.infiniteStream(fc.nat(100)), (invocations, picks) => {
      const schedule = createSchedule<Pending & { readonly left: number; readonly order: readonly number[] }>()
      for (const [index, { partitions, splits, waitMs }] of invocations.entries())
        schedule.add({ ...pending(String(index), partitions, waitMs), left: splits, order: [index] })
      const inFlight = new Map<string, ReturnType<typeof schedule.next> & object>()
      const done = new Map<number, Array<readonly number[]>>()
      let now = 0
      for (let steps = 0; steps < 10_000; steps += 1) {
        const next = schedule.next(now)
        if (next !== undefined) {
          for (const other of inFlight.values())
            for (const partition of next.partitions) expect(other.partitions).not.toContain(partition)
          inFlight.set(next.order.join('.'), next)
          if ((picks.next().value ?? 0) % 2 === 0) continue
        }
        const [...running] = inFlight.values()
        const ended = running[(picks.next().value ?? 0) % Math.max(1, running.length)]
        if (ended === undefined) {
          const dueAtMs = schedule.dueAtMs()
          if (dueAtMs === undefined) break
          now = dueAtMs
          continue
        }
        inFlight.delete(ended.order.join('.'))
        const again =
          ended.left === 0
            ? []
            : [0, 1].map((half) => ({ ...ended, left: ended.left - 1, order: [...ended.order, half] }))
        if (again.length === 0)
          for (const partition of ended.partitions) done.set(partition, [...(done.get(partition) ?? []), ended.order])
        schedule.settle(ended, again)
      }
      expect(inFlight.size).toBe(0)
      for (const partition of [0, 1, 2, 3, 4]) {
        expect(schedule.includes(partition)).toBe(false)
        const orders = done.get(partition) ?? []
        const expected = invocations.flatMap(({ partitions, splits }) =>
          partitions.includes(partition) ? 2 ** splits : [],
        )
        expect(orders).toHaveLength(expected.reduce((sum, count) => sum + count, 0))
        expect(orders).toEqual(orders.toSorted((a, b) => compare(a, b)))
      }
    }),
  )
})

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at])
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0)
}
