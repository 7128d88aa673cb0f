import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deadLetterOf } from '../../lib/sink/dead-letter.ts'
import { fileDeadLetters } from '../../lib/sink/dead-letter-file.ts'
import { aRecord } from '../builders.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dead-letters-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('each letter is a line with its coordinates and its bytes, in a file for its owner alone', async () => {
  const path = join(folder, 'deep', 'letters.ndjson')
  const sink = fileDeadLetters(path)
  const record = aRecord({
    partition: 1,
    offset: 9,
    key: null,
    value: Buffer.from([0xff, 0x0a]),
    headers: [{ key: 'h', value: null }],
  })
  await sink.send([])
  await sink.send([deadLetterOf('tape', record, 'NOT_UTF8', 'why')])
  await sink.send([deadLetterOf('tape', aRecord({ value: null }), 'TOMBSTONE', 'why')])
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toEqual([
    {
      id: 'stock-ticks-1-9',
      query: 'tape',
      topic: 'stock-ticks',
      partition: 1,
      offset: 9,
      timestamp: record.timestamp,
      reason: 'NOT_UTF8',
      detail: 'why',
      key: null,
      value: '/wo=',
      headers: [['h', null]],
    },
    expect.objectContaining({ id: 'stock-ticks-0-0', key: 'QUFQTA==', value: null }),
  ])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a file that cannot be written fails the batch and says what to do', async () => {
  writeFileSync(join(folder, 'in-the-way'), '')
  const sink = fileDeadLetters(join(folder, 'in-the-way', 'letters.ndjson'))
  await expect(sink.send([deadLetterOf('tape', aRecord(), 'NOT_JSON', '')])).rejects.toThrow(
    expect.objectContaining({ code: 'SINK_FAILED', message: expect.stringContaining('DEAD_LETTER_FILE') }),
  )
})
