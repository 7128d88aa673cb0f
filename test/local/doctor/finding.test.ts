import { expect, test } from 'vitest'
import { type Finding, lineOf, summaryOf } from '../../../local/doctor/finding.ts'

const problem: Finding = { level: 'problem', subject: 'port 3000', says: 'taken\nby x', remedy: 'end it' }

test('a finding is one line, with what to do', () => {
  expect(lineOf(problem)).toBe('problem  port 3000         taken by x. To do: end it')
})

test('what ends with a full stop gets no second one', () => {
  expect(lineOf({ ...problem, says: 'Taken.' })).toMatch(/Taken\. To do: end it$/)
})

test('the control characters of what was found stay off the terminal', () => {
  expect(lineOf({ level: 'ok', subject: 'Node', says: 'v\u001b[2J' })).not.toContain('\u001b')
})

test('the summary counts', () => {
  expect(summaryOf([problem, { level: 'ok', subject: 'Node', says: 'v24' }])).toBe(
    '2 checks: 1 ok, 0 warnings, 1 problem',
  )
})
