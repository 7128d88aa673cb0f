// `microbatch init` as another person gets it: our packages from their tarballs, the service in a folder of its own. What npm would
// install from the registry is linked from this repository.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { runningBroker } from '../../../local/kafka/broker.ts'
import { isAlive } from '../../../local/process/identity.ts'
import { freePort, isTaken, listenerOn } from '../../../local/process/port.ts'
import { buildPackages } from '../../../scripts/package.ts'
import { microbatch, projectDir } from '../../services/cli/microbatch.ts'

let root: string
let service: string
let environment: NodeJS.ProcessEnv
let running: ChildProcess | undefined

beforeAll(async () => {
  mkdirSync(join(projectDir, '.local'), { recursive: true })
  root = mkdtempSync(join(projectDir, '.local/init-'))
  service = join(root, 'orders')
  const tarballs = buildPackages(join(root, 'packages'))
  expect(await microbatch(['init', service, '--packages', join(root, 'packages')])).toMatchObject({ code: 0 })
  for (const [name, tarball] of tarballs) {
    const target = join(service, 'node_modules', name)
    mkdirSync(target, { recursive: true })
    execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', target])
  }
  const installed = ['@aws-sdk', '@smithy', 'dynalite', 'esbuild', 'kafkajs', 'serverless', 'serverless-esbuild']
  for (const name of [...installed, 'serverless-offline', 'zod', '.bin'])
    symlinkSync(join(projectDir, 'node_modules', name), join(service, 'node_modules', name))
  environment = {
    KAFKA_LIBS_DIR: join(projectDir, '.local/kafka/libs'),
    KAFKA_PORT: String(await freePort()),
    OFFLINE_LAMBDA_PORT: String(await freePort()),
    OFFLINE_HTTP_PORT: String(await freePort()),
    DYNAMODB_PORT: String(await freePort()),
    KAFKA_BROKERS: '',
    TMPDIR: root,
  }
})
afterEach(() => {
  running?.kill('SIGKILL')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const installedProgram = () => join(service, 'node_modules/microbatch-local/dist/cli/microbatch.cjs')

function call(words: readonly string[], input = '') {
  const options = { cwd: service, env: { ...process.env, ...environment }, input, encoding: 'utf8' } as const
  return execFileSync(process.execPath, [installedProgram(), ...words], options)
}

test('it writes six files, with the packages that it was given, and overwrites nothing', async () => {
  const files = readdirSync(service).filter((name) => name !== 'node_modules')
  expect(files).toEqual(['.gitignore', 'handlers.ts', 'package.json', 'serverless.yml', 'totals.test.ts', 'totals.ts'])
  const { name, dependencies, devDependencies } = JSON.parse(readFileSync(join(service, 'package.json'), 'utf8'))
  expect(name).toBe(basename(service))
  for (const spec of [dependencies.microbatch, devDependencies['microbatch-local']])
    expect(statSync(spec.replace('file:', '')).isFile()).toBe(true)
  for (const file of files) expect(readFileSync(join(service, file), 'utf8')).not.toContain('{{')
  expect(await microbatch(['init', service])).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing was') })
  expect(await microbatch(['init', join(root, '1st')])).toMatchObject({ code: 2 })
  expect(await microbatch(['init', join(root, 'x'), '--packages', root.concat('-none')])).toMatchObject({ code: 2 })
})

test('its own test runs', () => {
  const words = ['--experimental-strip-types', '--no-warnings', '--test']
  expect(execFileSync(process.execPath, words, { cwd: service, encoding: 'utf8' })).toContain('pass 1')
})

test('it starts, a record comes out as a table that verify finds right, and Ctrl-C leaves nothing', async () => {
  const child = spawn(process.execPath, [installedProgram(), 'start'], {
    cwd: service,
    env: { ...process.env, ...environment },
  })
  running = child
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
    })
  const done = new Promise<number | null>((resolve) => child.once('close', resolve))
  const waiting = { timeout: 60_000, interval: 100 }
  await vi.waitFor(() => expect(said.stderr).toContain('Ctrl-C ends all of it.'), waiting)
  expect(said.stderr).toContain('orders, 3 partitions')
  expect(said.stderr).toContain('table orders-dev-state made')

  const order = JSON.stringify({ customer: 'ada', amount: 12.5, time: 1_767_623_400_000 })
  call(['send', '-', '--topic', 'orders', '--key', 'customer'], `${order}\n${order}\n`)
  await vi.waitFor(() => expect(said.stdout).toMatch(/14:31:00}\|ada +\|2 +\|25\.0 +\|/), waiting)
  expect(call(['verify'])).toBe('totals: 1 groups compared, 1 equal, 0 differ, 0 missing\n')
  expect(call(['batch', '--query', 'totals', '--json'])).toContain('"customer":"ada","orders":2,"amount":25}')
  expect(JSON.parse(call(['lag', '--json']).split('\n')[0] ?? '')).toMatchObject({ function: 'totals', lag: 0 })

  const local = join(service, '.local')
  expect(statSync(local).mode & 0o777).toBe(0o700)
  expect(readFileSync(join(local, '.gitignore'), 'utf8')).toBe('*\n')
  const ports = ['KAFKA_PORT', 'OFFLINE_LAMBDA_PORT', 'DYNAMODB_PORT'].map((name) => Number(environment[name]))
  const pids = [runningBroker(join(local, 'kafka/data'))?.pid, listenerOn(ports[1] ?? 0)?.pid]
  child.kill('SIGINT')
  expect(await done).toBe(0)
  for (const pid of pids) expect(pid !== undefined && isAlive(pid)).toBe(false)
  for (const port of ports) expect(await isTaken(port)).toBe(false)
}, 120_000)
