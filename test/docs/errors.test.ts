import { expect, test } from 'vitest'
import { errorsPage } from '../../scripts/errors.ts'
import { read } from './tree.ts'

test('docs/errors.md is what the lists of codes make; npm run docs writes it anew', () => {
  expect(read('docs/errors.md')).toBe(errorsPage())
})
