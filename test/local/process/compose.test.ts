import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { composeIn } from '../../../local/process/compose.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-compose-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const asked = () => join(folder, 'asked')
/** A docker that writes down what it was asked. */
function compose(exitCode = 0) {
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho "$*" >>'${asked()}'\nexit ${exitCode}\n`, { mode: 0o700 })
  return composeIn(folder, { PATH: folder })
}

test('docker is asked, and its failure is said with what it was asked', async () => {
  await compose().run(['up', 'kafka'])
  expect(readFileSync(asked(), 'utf8')).toBe('compose up kafka\n')
  await expect(compose(3).run(['up', 'kafka'])).rejects.toMatchObject({
    code: 'DOCKER_FAILED',
    message: 'docker compose up kafka ended with 3',
  })
})

test('what is given up before it began does not begin', async () => {
  const reason = new Error('SIGINT')
  await expect(compose().run(['up', 'kafka'], AbortSignal.abort(reason))).rejects.toBe(reason)
  expect(existsSync(asked())).toBe(false)
})

test('no docker is said in words', async () => {
  const missing = composeIn(folder, { PATH: folder })
  await expect(missing.run(['up'])).rejects.toMatchObject({
    code: 'DOCKER_FAILED',
    message: expect.stringMatching(/^docker compose up could not be started: .*ENOENT/),
  })
  await expect(missing.running()).rejects.toMatchObject({ code: 'DOCKER_FAILED' })
})
