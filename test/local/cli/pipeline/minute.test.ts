import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { ownsCurrentMinute } from '../../../../local/cli/pipeline/minute.ts'

const minuteMs = 60_000
const noonMs = 1_767_700_800_000

test('in the middle of a minute the rest of it is ours', () => {
  expect(ownsCurrentMinute(noonMs + 20_000, noonMs + 20_500)).toBe(true)
})

test('a minute that the schedule may have fired for is not ours', () => {
  expect(ownsCurrentMinute(noonMs - 10, noonMs + 900)).toBe(false)
  expect(ownsCurrentMinute(noonMs + 200, noonMs + 900)).toBe(false)
})

test('so near to the next minute the schedule is left to it', () => {
  expect(ownsCurrentMinute(noonMs + 50_000, noonMs + 56_000)).toBe(false)
})

test.prop([fc.nat(minuteMs * 3), fc.nat(minuteMs * 2)])('never in two minutes at once', (setMs, waitMs) => {
  const nowMs = setMs + waitMs
  if (ownsCurrentMinute(setMs, nowMs)) expect(Math.floor(setMs / minuteMs)).toBe(Math.floor((nowMs + 5_000) / minuteMs))
})
