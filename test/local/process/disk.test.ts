import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sayingFullDisk } from '../../../local/process/disk.ts'

test('a disk without room is said in words, with the file', () => {
  let thrown: unknown
  try {
    writeFileSync('/dev/full', 'x')
  } catch (error) {
    thrown = error
  }
  expect(sayingFullDisk(thrown, 'tables.txt')).toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/^The disk is full: tables\.txt cannot be written \(.*ENOSPC.*\)\. Free some room/),
  })
})

test('anything else stays as it is', () => {
  const error = new Error('boom')
  expect(sayingFullDisk(error)).toBe(error)
  expect(sayingFullDisk('boom')).toBe('boom')
})
