// bootstrap.mjs as a process, in a folder of its own, with an `npm` that stands for the real one: it notes that it ran and
// makes the node_modules that `npm ci` would make.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const lockfile = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } }
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-bootstrap-'))
  for (const file of ['bootstrap.mjs', 'install.mjs', 'installed.mjs']) {
    copyFileSync(join(import.meta.dirname, '../..', file), join(dir, file))
  }
  writeFileSync(join(dir, 'package-lock.json'), JSON.stringify(lockfile))
  mkdirSync(join(dir, 'local/cli'), { recursive: true })
  writeFileSync(
    join(dir, 'local/cli/index.ts'),
    `const words: string[] = process.argv.slice(2)
    if (words[0] === 'wait') setInterval(() => {}, 1000)
    else process.exitCode = Number(words[1] ?? 0)
    console.log(JSON.stringify({ words, version: process.version, pid: process.pid }))`,
  )
  npmIs(`echo ran >> npm.log; mkdir -p node_modules/node/bin
    ln -sf '${process.execPath}' node_modules/node/bin/node
    sleep 0.3; cp package-lock.json node_modules/.package-lock.json`)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function npmIs(script: string): void {
  mkdirSync(join(dir, 'bin'), { recursive: true })
  writeFileSync(join(dir, 'bin/npm'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(dir, 'bin/npm'), 0o755)
}

const npmRuns = () =>
  existsSync(join(dir, 'npm.log')) ? readFileSync(join(dir, 'npm.log'), 'utf8').trim().split('\n').length : 0

function start(...words: readonly string[]) {
  const { npm_execpath, npm_lifecycle_event, ...environment } = process.env
  const env = { ...environment, PATH: `${join(dir, 'bin')}:${environment.PATH}` }
  const child = spawn(process.execPath, [join(dir, 'bootstrap.mjs'), ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const done = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, ...output })),
  )
  return { child, done, output }
}

test('it installs what is missing, once, and hands on the words and the exit code', async () => {
  const first = await start('invoke', '7', '--flag').done
  expect(first).toMatchObject({
    code: 7,
    stderr: expect.stringMatching(/^Installing 1 packages \(npm ci, \d+ MB, .*\n$/),
  })
  expect(JSON.parse(first.stdout)).toMatchObject({ words: ['invoke', '7', '--flag'] })
  expect(await start('start').done).toMatchObject({ code: 0, stderr: '' })
  expect(npmRuns()).toBe(1)
})

test('it installs again when package-lock.json names another version', async () => {
  await start('start').done
  const newer = { packages: { ...lockfile.packages, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-b' } } }
  writeFileSync(join(dir, 'package-lock.json'), JSON.stringify(newer))
  expect((await start('start').done).code).toBe(0)
  expect(npmRuns()).toBe(2)
})

test('two at once install once', async () => {
  const results = await Promise.all([start('start').done, start('start').done, start('start').done])
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(npmRuns()).toBe(1)
  expect(existsSync(join(dir, '.local/install.lock'))).toBe(false)
})

test('a lock whose holder died, or that nobody touched for long, is taken over', async () => {
  const gone = spawn('true')
  await new Promise((resolve) => gone.once('exit', resolve))
  for (const holder of [String(gone.pid), String(process.pid)]) {
    rmSync(join(dir, 'node_modules'), { recursive: true, force: true })
    mkdirSync(join(dir, '.local'), { recursive: true })
    const lock = join(dir, '.local/install.lock')
    writeFileSync(lock, holder)
    const longAgo = new Date(Date.now() - 60_000)
    if (holder === String(process.pid)) utimesSync(lock, longAgo, longAgo)
    expect((await start('start').done).code).toBe(0)
  }
  expect(npmRuns()).toBe(2)
})

test('a failed install starts nothing and leaves no lock', async () => {
  npmIs('echo no network >&2; exit 3')
  const { code, stdout, stderr } = await start('start').done
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('no network\nnpm ci ended with 3')
  expect(existsSync(join(dir, '.local/install.lock'))).toBe(false)
})

test('Ctrl-C ends an install at once, with all that npm has started, and leaves no lock', async () => {
  npmIs('trap "" INT TERM; echo $$ > npm.pid; sleep 60 & wait; sleep 60')
  const { child, done } = start('start')
  const pidFile = join(dir, 'npm.pid')
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await new Promise((wake) => setTimeout(wake, 20))
  const asked = performance.now()
  child.kill('SIGINT')
  expect(await done).toMatchObject({
    code: 130,
    stderr: expect.stringContaining('Stopped: the next run installs anew.'),
  })
  expect(performance.now() - asked).toBeLessThan(3_000)
  expect(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0)).toThrow('ESRCH')
  expect(existsSync(join(dir, '.local/install.lock'))).toBe(false)
})

test('a full disk is said in words', async () => {
  npmIs('echo "npm error ENOSPC: no space left on device, write" >&2; exit 228')
  const { code, stderr } = await start('start').done
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/The disk is full: packages need \d+ MB\./),
  })
})

test('without the Node of the project, as after --ignore-scripts, one line says what to do', async () => {
  npmIs('mkdir -p node_modules; cp package-lock.json node_modules/.package-lock.json')
  const { code, stderr } = await start('start').done
  expect(code).toBe(1)
  expect(stderr.split('\n')[1]).toMatch(/own Node does not run.*npm rebuild node/)
})

test('a signal to it ends the command, and shows in the exit code', async () => {
  const { child, done, output } = start('wait')
  while (!output.stdout.includes('\n')) await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  expect((await done).code).toBe(128 + 15)
})
