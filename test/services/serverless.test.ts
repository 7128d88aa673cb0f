// The Serverless Framework's own commands on this project, as the README shows them: no account, no network. They run in a
// copy, since they write their build folders beside serverless.yml.
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'microbatch-sls-'))
  const parts = ['handlers', 'infra', 'lib', 'local', 'test/events', 'package.json', 'serverless.yml', 'tsconfig.json']
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

/** Proxies to nowhere: what would leave this machine fails. */
const environment = () => ({
  ...process.env,
  PWD: copy,
  // serverless-esbuild leaves what it zipped in the temporary folder.
  TMPDIR: copy,
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
  HTTPS_PROXY: 'http://127.0.0.1:9',
})

const sls = (...words: readonly string[]) =>
  promisify(execFile)(process.execPath, [join(root, 'node_modules/serverless/bin/serverless.js'), ...words], {
    cwd: copy,
    env: environment(),
    timeout: 50_000,
  })

test('sls invoke local runs a handler on an event of either kind', async () => {
  const msk = await sls('invoke', 'local', '-f', 'tape', '-p', 'test/events/msk.json')
  expect(msk.stdout).toContain('|symbol| price|volume|          timestamp|')
  expect(msk.stdout).toContain('| GOOGL| 140.3|   650|2026-01-05 14:30:01|')
  const selfManaged = await sls('invoke', 'local', '-f', 'tape', '-p', 'test/events/self-managed.json')
  expect(selfManaged.stdout + selfManaged.stderr).toContain('"reason":"TOMBSTONE"')
  expect(statSync(join(copy, '.local/dead-letters.ndjson')).mode & 0o777).toBe(0o600)
})

test('sls invoke local of a query with state touches no table: its state is empty, in memory, and it says so', async () => {
  const bars = await sls('invoke', 'local', '-f', 'bars', '-p', 'test/events/self-managed.json')
  expect(bars.stderr).toContain('Invoked by hand: over empty state in memory')
  expect(bars.stdout).toContain('|{2026-01-05 14:30:00, 2026-01-05 14:30:03}|AAPL  |1    |151.0 |')
})

test('sls package makes a zip for each function, small enough to start fast', async () => {
  rmSync(join(copy, '.esbuild'), { recursive: true, force: true })
  const { stderr } = await sls('package')
  expect(stderr).toContain('This package is for no deployment: kafka=local is for this machine.')
  const kilobytes = (name: string) => statSync(join(copy, '.serverless', `${name}.zip`)).size / 1000
  expect(kilobytes('producer')).toBeLessThan(150)
  for (const name of ['tape', 'bars']) expect(kilobytes(name)).toBeLessThan(250)
})
