import { expect, test } from 'vitest'
import { growingLimit } from '../../../mapping/dispatch/growing-limit.ts'

test('it grows by one for each success while full, up to its end', () => {
  const limit = growingLimit(2, 4)
  limit.succeeded(false)
  expect(limit.now()).toBe(2)
  for (const expected of [3, 4, 4]) {
    limit.succeeded(true)
    expect(limit.now()).toBe(expected)
  }
})

test('a failure halves it, down to where it began; what could not be taken halves it down to one', () => {
  const limit = growingLimit(2, 100)
  for (let successes = 0; successes < 14; successes += 1) limit.succeeded(true)
  const after = (isOverload: boolean) => {
    limit.failed(isOverload)
    return limit.now()
  }
  expect([after(false), after(false), after(false), after(false)]).toEqual([8, 4, 2, 2])
  expect([after(true), after(true)]).toEqual([1, 1])
})
