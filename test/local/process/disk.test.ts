import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sayingFullDisk, sayingWhatDisk } from '../../../local/process/disk.ts'

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

test('a folder that may not be written is said in words, with another place for the data', () => {
  const refused = Object.assign(new Error("EACCES: permission denied, mkdir '/ro/.local'"), {
    ...{ code: 'EACCES', path: '/ro/.local' },
  })
  expect(sayingWhatDisk(refused)).toMatchObject({
    code: 'SETTINGS_INVALID',
    message: expect.stringMatching(/^\/ro\/\.local may not be written.*LOCAL_DIR=FOLDER/),
  })
  expect(sayingWhatDisk(Object.assign(new Error('listen EACCES'), { code: 'EACCES' }))).not.toHaveProperty(
    'message',
    '',
  )
})
