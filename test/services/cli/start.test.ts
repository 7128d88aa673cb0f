// `npm start` as a process: what it starts, what it says, what survives, what it ends. Its ports and data are its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { runningBroker } from '../../../local/kafka/broker.ts'
import { commandOf, isAlive } from '../../../local/process/identity.ts'
import { freePort, listenerOn } from '../../../local/process/port.ts'

const cli = join(import.meta.dirname, '../../../local/cli/index.ts')
const waiting = { timeout: 45_000, interval: 100 }
let dir: string
let environment: NodeJS.ProcessEnv

interface Run {
  readonly child: ChildProcess
  readonly done: Promise<number | null>
  readonly said: { stdout: string; stderr: string }
}

let run: Run | undefined

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-start-'))
  const [kafka, lambda, http, dynamoDb] = [await freePort(), await freePort(), await freePort(), await freePort()]
  environment = {
    ...process.env,
    LOCAL_DIR: dir,
    KAFKA_PORT: String(kafka),
    OFFLINE_LAMBDA_PORT: String(lambda),
    OFFLINE_HTTP_PORT: String(http),
    DYNAMODB_PORT: String(dynamoDb),
    KAFKA_BROKERS: '',
    TOPIC: 'ticks-of-start',
  }
})
afterEach(async () => {
  run?.child.kill('SIGTERM')
  await run?.done
  run = undefined
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function npmStart(...words: readonly string[]): Run {
  const child = spawn(process.execPath, [cli, 'start', ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
  })
  const done = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, done, said }
}

const rowsIn = (stdout: string) => stdout.split('\n').filter((line) => /^\| *[A-Z]+\|/.test(line))
const kafkaDir = () => join(dir, 'kafka', 'data')
const offlinePid = () => listenerOn(Number(environment.OFFLINE_LAMBDA_PORT))?.pid

test('it prints ticks, says what dies and goes on, and Ctrl-C leaves nothing behind', async () => {
  const first = npmStart('--fresh')
  run = first
  await vi.waitFor(() => expect(first.said.stderr).toContain('Ctrl-C ends all of it.'), waiting)

  const second = npmStart()
  expect(await second.done).toBe(1)
  expect(second.said.stderr).toContain(`npm start runs already in this folder: process ${first.child.pid}`)

  // the schedule brings ticks at the full minute at the latest; a burst brings some now
  const event = join(dir, 'burst.json')
  const burst = () => invoke('producer', event, '{ "ticks": 20 }')
  expect(await burst()).toMatchObject({ code: 0 })
  await vi.waitFor(() => expect(rowsIn(first.said.stdout).length).toBeGreaterThanOrEqual(20), waiting)

  const broker = runningBroker(kafkaDir())
  if (broker === undefined) throw new Error('no broker runs')
  process.kill(broker.pid, 'SIGKILL')
  await vi.waitFor(() => expect(first.said.stderr).toContain('Kafka ended by itself (SIGKILL)'), waiting)
  await vi.waitFor(() => expect(first.said.stderr).toContain('Kafka runs again.'), waiting)

  const offline = offlinePid()
  if (offline === undefined) throw new Error('no serverless offline runs')
  expect(commandOf(offline)).toContain('serverless offline')
  process.kill(offline, 'SIGKILL')
  await vi.waitFor(() => expect(first.said.stderr).toContain('serverless offline runs again.'), waiting)
  const before = rowsIn(first.said.stdout).length
  await vi.waitFor(() => expect(rowsIn(first.said.stdout).length).toBeGreaterThan(before), { timeout: 75_000 })

  // all that was printed, through both deaths, is what the topic says
  expect(await command('verify')).toMatchObject({ code: 0, stderr: '' })

  const pids = [runningBroker(kafkaDir())?.pid, offlinePid()]
  first.child.kill('SIGINT')
  expect(await first.done).toBe(0)
  for (const pid of pids) expect(pid !== undefined && isAlive(pid)).toBe(false)
  expect(first.said.stdout).not.toContain('"level"')
}, 240_000)

async function invoke(name: string, file: string, event: string) {
  writeFileSync(file, event)
  return command('invoke', name, file)
}

async function command(...words: readonly string[]) {
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', cli, ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stderr })),
  )
}
