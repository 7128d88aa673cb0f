// Handlers that are saved beside a running `start`: one line says so, the producer goes on, a file is taken when it has been
// written, and files that no handler is made of are nobody's concern. It runs in a copy of the project, which it changes.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { freePort } from '../../../local/process/port.ts'
import { program, projectDir } from './microbatch.ts'

const waiting = { timeout: 75_000, interval: 100 }
let copy: string
let child: ChildProcess
let ended: Promise<unknown>
const said = { stdout: '', stderr: '' }

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'microbatch-reload-'))
  for (const part of ['handlers', 'infra', 'lib', 'package.json', 'serverless.yml', 'tsconfig.json'])
    cpSync(join(projectDir, part), join(copy, part), { recursive: true })
  symlinkSync(join(projectDir, 'node_modules'), join(copy, 'node_modules'))
  child = spawn(process.execPath, [program, 'start'], {
    cwd: copy,
    env: {
      ...process.env,
      KAFKA_BROKERS: inject('brokers').join(','),
      TOPIC: `reload-${process.hrtime.bigint()}`,
      OFFLINE_LAMBDA_PORT: String(await freePort()),
      OFFLINE_HTTP_PORT: String(await freePort()),
      DYNAMODB_PORT: String(await freePort()),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  ended = new Promise((resolve) => child.once('close', resolve))
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
}, 120_000)
afterAll(async () => {
  child.kill('SIGINT')
  await ended
  rmSync(copy, { recursive: true, force: true })
}, 60_000)

/** The latest second of which a tick was printed, epoch seconds. */
const lastTick = () =>
  Math.max(
    0,
    ...Array.from(
      said.stdout.matchAll(/\|(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\|$/gm),
      ([, t]) => Date.parse(`${t}Z`) / 1000,
    ),
  )
const reloads = () => said.stderr.split('\n').filter((line) => line === 'Handlers reloaded.').length

/** There is time left in the minute to see ticks of it: an invocation of the next minute proves nothing. */
const untilEarlyInMinute = () =>
  vi.waitFor(() => expect(new Date().getSeconds()).toBeLessThan(30), { timeout: 40_000, interval: 200 })

test('a save is one line, and the ticks of the same minute go on', async () => {
  await vi.waitFor(() => expect(lastTick()).toBeGreaterThan(0), waiting)
  await untilEarlyInMinute()
  const file = join(copy, 'handlers/consumer.ts')
  const text = readFileSync(file, 'utf8')
  const minute = Math.floor(Date.now() / 60_000)
  // An editor, or cp, does so: the file is empty for a moment.
  writeFileSync(file, '')
  await sleep(100)
  writeFileSync(file, `${text}\n// saved\n`)
  await vi.waitFor(() => expect(reloads()).toBe(1), waiting)
  const reloadedAt = Math.ceil(Date.now() / 1000)
  await vi.waitFor(() => expect(lastTick()).toBeGreaterThan(reloadedAt + 2), waiting)
  expect(Math.floor((lastTick() * 1000) / 60_000)).toBe(minute)
  expect(reloads()).toBe(1)
  expect(said.stderr).not.toMatch(/HandlerNotFound|Bundle error|ERROR/)
}, 240_000)

test('files that no handler is made of are not watched', async () => {
  const before = reloads()
  mkdirSync(join(copy, 'scratch'))
  for (let i = 0; i < 2_000; i += 1) writeFileSync(join(copy, 'scratch', `${i}.ts`), 'export {}\n')
  const seen = lastTick()
  await vi.waitFor(() => expect(lastTick()).toBeGreaterThan(seen + 3), waiting)
  expect(reloads()).toBe(before)
}, 240_000)
