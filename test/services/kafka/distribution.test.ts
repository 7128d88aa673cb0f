import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { kafkaClassPath } from '../../../local/kafka/distribution.ts'
import { commandOf } from '../../../local/process/identity.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-jars-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

test('a fetch says how much it is, and ends at once with all that Maven has started', async () => {
  const pidFile = join(dir, 'pid')
  writeFileSync(join(dir, 'mvn'), `#!/bin/sh\ntrap "" INT TERM\nsleep 60 &\necho $! > ${pidFile}\nwait\n`, {
    mode: 0o755,
  })
  vi.stubEnv('PATH', `${dir}:${process.env.PATH}`)
  const lines: string[] = []
  const ending = new AbortController()
  const fetching = kafkaClassPath(join(dir, 'libs'), (line) => lines.push(line), ending.signal)
  const ended = expect(fetching).rejects.toThrow('asked to end')
  const started = () => expect(existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toMatch(/\d/)
  await vi.waitFor(started, { timeout: 10_000 })
  const asked = performance.now()
  ending.abort(new Error('asked to end'))
  await ended
  expect(performance.now() - asked).toBeLessThan(2_000)
  expect(lines).toEqual([expect.stringMatching(/44 MB, once.*Ctrl-C ends it at once/)])
  // One that nobody has waited for yet has no command line any more.
  await vi.waitFor(() => expect(commandOf(Number(readFileSync(pidFile, 'utf8'))) ?? '').toBe(''))
})
