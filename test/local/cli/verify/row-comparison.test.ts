import { expect, test } from 'vitest'
import { report } from '../../../../local/cli/verify/comparison.ts'
import { compareRows, countRows, hasCutCell, rowText, without } from '../../../../local/cli/verify/row-comparison.ts'

const counts = (...texts: string[]) => countRows(texts)
const nothing = { undelivered: counts(), hasLost: false, isHeld: false }

test('rows are compared as often as they are there', () => {
  const comparison = compareRows({ ...nothing, printed: counts('a', 'a', 'b'), delivered: counts('a', 'a', 'b', 'b') })
  expect(report('tape', comparison)).toEqual([
    'printed  topic',
    'none     b',
    'tape: 4 rows compared, 3 equal, 0 differ, 1 missing',
  ])
})

test('a row that came again is no fault; one that the topic does not have is', () => {
  const comparison = compareRows({ ...nothing, printed: counts('a', 'a', 'x'), delivered: counts('a') })
  expect(report('tape', comparison).slice(1)).toEqual([
    'x        none',
    'tape: 2 rows compared, 1 equal, 1 differ, 0 missing; 1 printed again',
  ])
})

test('what is not delivered may be printed or not', () => {
  const input = { ...nothing, delivered: counts('a'), undelivered: counts('b', 'c') }
  expect(report('tape', compareRows({ ...input, printed: counts('a', 'b') }))).toEqual([
    'tape: 1 rows compared, 1 equal, 0 differ, 0 missing; 2 not compared: records of them are not delivered yet',
  ])
})

test('a row that is held back and not printed yet may come; one that was printed is compared', () => {
  const input = {
    ...nothing,
    isHeld: true,
    delivered: counts('a', 'b'),
    undelivered: without(counts('a', 'c'), counts('a', 'b')),
  }
  expect(report('sessions', compareRows({ ...input, printed: counts('a', 'c', 'x') }))).toEqual([
    'printed  topic',
    'x        none',
    'sessions: 2 rows compared, 1 equal, 1 differ, 0 missing; 1 not compared: records of them are not delivered yet; ' +
      '1 not compared: not closed, and so not printed, yet',
  ])
})

test('where the topic has lost records, what was printed of them is not judged', () => {
  const comparison = compareRows({ ...nothing, hasLost: true, printed: counts('old', 'a'), delivered: counts('a') })
  expect(report('tape', comparison).at(-1)).toContain('0 differ, 0 missing; 1 not compared: the topic has lost')
})

test('cells that a table has cut are compared as they were cut', () => {
  const whole = new Map([['name', 'a name of more than twenty characters']])
  const cut = new Map([['name', 'a name of more th...']])
  expect([hasCutCell(whole), hasCutCell(cut)]).toEqual([false, true])
  expect(rowText(whole, true)).toBe(rowText(cut, true))
})
