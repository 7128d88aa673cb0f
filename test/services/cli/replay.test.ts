import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { microbatch, projectDir } from './microbatch.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-replay-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A recording that holds the example event of the README `times` times. */
function recording(times: number, name = 'tape'): string {
  const event: unknown = JSON.parse(readFileSync(join(projectDir, 'test/events/self-managed.json'), 'utf8'))
  const line = JSON.stringify({ at: '2026-01-05T14:30:03.000Z', function: name, event })
  const file = join(dir, `${name}.ndjson`)
  writeFileSync(file, `${line}\n`.repeat(times))
  return file
}

const cli = (...words: readonly string[]) =>
  microbatch(words, { environment: { LOCAL_DIR: dir, DEAD_LETTER_FILE: join(dir, 'dead.ndjson') } })

test('a recording goes through the handler in this process: a table for each event, bad records aside', async () => {
  const { code, stdout, stderr } = await cli('replay', recording(2))
  expect(code).toBe(0)
  expect(stdout.match(/^Batch: \d .*$/gm)).toEqual(['Batch: 0 (tape)', 'Batch: 1 (tape)'])
  expect(stdout.match(/\|\s+AAPL\|\s*151\.0\|/g)).toHaveLength(2)
  expect(stdout).not.toContain('"level"')
  expect(stderr).toContain('WARN  dead letter')
  expect(stderr).toContain('Replayed 2 events: 8 records.')
  expect(readFileSync(join(dir, 'dead.ndjson'), 'utf8').trim().split('\n')).toHaveLength(4)
})

test('bars are replayed over state of their own, and only the function that is named', async () => {
  const file = recording(1, 'bars')
  writeFileSync(file, readFileSync(file, 'utf8') + readFileSync(recording(1, 'tape'), 'utf8'))
  const bars = await cli('replay', file, '--function', 'bars')
  expect(bars).toMatchObject({ code: 0, stderr: expect.stringContaining('Replayed 1 event of bars: ') })
  expect(bars.stdout).toContain('|{2026-01-05 14:30:00, 2026-01-05 14:30:03}|AAPL  |1    |151.0 |')
})

test('a function that the service does not have is named, with those it has', async () => {
  const { code, stderr } = await cli('replay', recording(1, 'nothing'))
  expect(code).toBe(2)
  expect(stderr).toMatch(/has no function nothing, only .*tape/)
})

test('an endpoint on another machine needs the function’s name and its own permission', async () => {
  const file = recording(1)
  const far = ['--endpoint', 'https://lambda.example.com']
  expect(await cli('replay', file, ...far)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--function NAME'),
  })
  expect(await cli('replay', file, ...far, '--function', 'tape')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--allow-remote lambda.example.com'),
  })
})
