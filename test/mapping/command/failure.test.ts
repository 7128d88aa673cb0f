import { expect, test } from 'vitest'
import { failureText } from '../../../mapping/command/failure.ts'
import { LocalError } from '../../../mapping/error.ts'

test('an error of several lines is said in several lines, without what a terminal would obey', () => {
  const error = new LocalError('CHILD_FAILED', 'it ended. It said:\n  | \u001b[2Jone\n  | two')
  expect(failureText(error)).toBe('it ended. It said:\n  | \\u001b[2Jone\n  | two')
})
