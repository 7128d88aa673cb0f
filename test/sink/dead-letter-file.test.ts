import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deadLetterOf, memoryDeadLetters } from '../../lib/sink/dead-letter.ts'
import { fileDeadLetters } from '../../lib/sink/dead-letter-file.ts'
import { deadLetterJson } from '../../lib/sink/dead-letter-json.ts'
import { aRecord } from '../builders.ts'
import { deadLetterContract } from './dead-letter-contract.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dead-letters-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []

deadLetterContract('the file', async () => {
  const path = join(folder, 'letters.ndjson')
  const aside = join(folder, 'aside.ndjson')
  return {
    sink: fileDeadLetters(path),
    kept: () => linesOf(existsSync(aside) ? aside : path),
    breakDown: () => {
      renameSync(path, aside)
      mkdirSync(path)
    },
  }
})

deadLetterContract('the array', async () => {
  const sink = memoryDeadLetters()
  return { sink, kept: () => sink.letters.map(deadLetterJson) }
})

test('the file and its folder are made for their owner alone', async () => {
  const path = join(folder, 'deep', 'letters.ndjson')
  await fileDeadLetters(path).send([deadLetterOf('tape', aRecord(), 'NOT_JSON', 'why')])
  expect(linesOf(path)).toHaveLength(1)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
})

test('a file that cannot be written fails the batch and says what to do', async () => {
  writeFileSync(join(folder, 'in-the-way'), '')
  const sink = fileDeadLetters(join(folder, 'in-the-way', 'letters.ndjson'))
  await expect(sink.send([deadLetterOf('tape', aRecord(), 'NOT_JSON', '')])).rejects.toThrow(
    expect.objectContaining({ code: 'SINK_FAILED', message: expect.stringContaining('DEAD_LETTER_FILE') }),
  )
})
