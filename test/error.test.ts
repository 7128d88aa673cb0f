import { expect, test } from 'vitest'
import { messageOf, namedMessageOf } from '../lib/error.ts'

test('whatever is thrown has a text', () => {
  expect(messageOf(new Error('disk full'))).toBe('disk full')
  expect(messageOf('disk full')).toBe('disk full')
  expect(messageOf(undefined)).toBe('undefined')
  expect(messageOf(Object.create(null))).toBe('a thrown object that has no text')
})

test('an error is told with its name where the name says what went wrong', () => {
  expect(namedMessageOf(new TypeError('no such field'))).toBe('TypeError: no such field')
  expect(namedMessageOf('lost')).toBe('Error: lost')
})
