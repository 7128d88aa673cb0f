// `microbatch start` as a process: what it starts, what it says, what survives, what it ends. Its ports and data are its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { runningBroker, startKafka } from '../../../local/kafka/broker.ts'
import { openTopic } from '../../../local/kafka/topic-reader.ts'
import { commandOf, isAlive } from '../../../local/process/identity.ts'
import { freePort, listenerOn } from '../../../local/process/port.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { microbatch, program } from './microbatch.ts'

/** Up to a minute passes before the schedule brings ticks. */
const waiting = { timeout: 75_000, interval: 100 }
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
  const [kafka, lambda, http] = [await freePort(), await freePort(), await freePort()]
  environment = {
    ...process.env,
    LOCAL_DIR: dir,
    KAFKA_PORT: String(kafka),
    OFFLINE_LAMBDA_PORT: String(lambda),
    OFFLINE_HTTP_PORT: String(http),
    DYNAMODB_PORT: String(await freePort()),
    KAFKA_BROKERS: '',
    TOPIC: topic,
  }
})
afterEach(async () => {
  run?.child.kill('SIGTERM')
  await run?.done
  run = undefined
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function start(...words: readonly string[]): Run {
  const child = spawn(process.execPath, [program, 'start', ...words], {
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

/** The ticks that the tape has printed, as text. */
const printedTicks = (stdout: string) =>
  stdout.split('\n').flatMap((line) => {
    const [symbol = '', price = '', volume = '', time = ''] = line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1)
    return /^\| *[A-Z]+\|/.test(line) ? [tickText(symbol, Number(price), Number(volume), Date.parse(`${time}Z`))] : []
  })
const tickText = (symbol: string, price: number, volume: number, timestamp: number) =>
  `${symbol} ${price} ${volume} ${new Date(timestamp).toISOString()}`

const kafkaDir = () => join(dir, 'kafka', 'data')
const kafkaPort = () => Number(environment.KAFKA_PORT)
const offlinePid = () => listenerOn(Number(environment.OFFLINE_LAMBDA_PORT))?.pid
const topic = 'ticks-of-start'

/** The topic's ticks that a consumer's group has committed, as text. */
async function deliveredTicks(group: string): Promise<readonly string[]> {
  const reader = await openTopic({ brokers: [`localhost:${kafkaPort()}`], topic, allowed: noRemoteHosts })
  try {
    const committed = await reader.committed(`microbatch-dev-${group}-${topic}`)
    const ticks: string[] = []
    const ranges = (await reader.ends()).map(({ partition, earliest }) => ({
      partition,
      from: earliest,
      to: committed.get(partition) ?? earliest,
    }))
    await reader.read(ranges, (records) => {
      for (const { value } of records) {
        const { symbol, price, volume, timestamp } = JSON.parse(String(value))
        ticks.push(tickText(symbol, price, volume, timestamp))
      }
    })
    return ticks
  } finally {
    await reader.close()
  }
}

interface BarsAnswer {
  readonly bars: readonly {
    readonly window: { readonly start: number }
    readonly ticks: number
    readonly close: number
  }[]
  readonly asOf: { readonly batchId: number }
}

/** The bars of a symbol over HTTP, while the stream runs: from its state, a moment old at the most. */
async function askForBars({ said }: Run): Promise<void> {
  const api = `http://localhost:${environment.OFFLINE_HTTP_PORT}`
  expect(said.stderr).toContain(`HTTP         GET ${api}/bars/{symbol}`)
  const get = async (path: string) => {
    const response = await fetch(`${api}${path}`)
    return { status: response.status, headers: response.headers, body: (await response.json()) as BarsAnswer }
  }
  const first = await vi.waitFor(async () => {
    const answer = await get('/bars/AAPL?limit=1')
    expect(answer).toMatchObject({ status: 200, body: { symbol: 'AAPL', bars: [{ symbol: 'AAPL' }] } })
    return answer
  }, waiting)
  expect([first.headers.get('cache-control'), first.headers.get('access-control-allow-origin')]).toEqual([
    'no-store',
    null,
  ])
  // The stream goes on, and the answers with it.
  await vi.waitFor(async () => {
    const later = await get('/bars/AAPL')
    expect(later.body.asOf.batchId).toBeGreaterThan(first.body.asOf.batchId)
    const [bar] = later.body.bars
    const { window, ticks, close } = bar ?? { window: { start: 0 }, ticks: 0, close: 0 }
    const start = new Date(window.start).toISOString().slice(0, 19).replace('T', ' ')
    expect(said.stdout).toMatch(new RegExp(`\\|\\{${start}, .*\\}\\|AAPL *\\|${ticks} *\\|.*\\|${close} *\\|`))
  }, waiting)
  expect(await get('/bars/NONE')).toMatchObject({ status: 404, body: { error: 'No bar of NONE is open.' } })
  expect((await get('/bars/AAPL?limit=all')).status).toBe(400)
}

/** How many ticks were printed more than once. Each tick is in the topic once: no two are of one symbol and second. */
const repeats = (stdout: string) => printedTicks(stdout).length - new Set(printedTicks(stdout)).size

test('it prints every tick, says what dies and goes on, and Ctrl-C leaves nothing behind', async () => {
  const first = start('--fresh')
  run = first
  await vi.waitFor(() => expect(first.said.stderr).toContain('Ctrl-C ends all of it.'), waiting)

  const second = start()
  expect(await second.done).toBe(1)
  expect(second.said.stderr).toContain(`microbatch start runs already in this folder: process ${first.child.pid}`)

  await vi.waitFor(() => expect(printedTicks(first.said.stdout).length).toBeGreaterThanOrEqual(20), waiting)
  expect(repeats(first.said.stdout)).toBe(0)
  await askForBars(first)

  const broker = runningBroker(kafkaDir())
  if (broker === undefined) throw new Error('no broker runs')
  process.kill(broker.pid, 'SIGKILL')
  await vi.waitFor(() => expect(first.said.stderr).toContain('Kafka ended by itself (SIGKILL)'), waiting)
  await vi.waitFor(() => expect(first.said.stderr).toContain('Kafka runs again.'), waiting)

  const offline = offlinePid()
  if (offline === undefined) throw new Error('no serverless offline runs')
  expect(commandOf(offline)).toContain('serverless offline')
  // Between batches: one that was printed and not yet committed would rightly come, and print, again.
  await vi.waitFor(async () => {
    expect(new Set(printedTicks(first.said.stdout)).size).toBe((await deliveredTicks('tape')).length)
    process.kill(offline, 'SIGKILL')
  }, waiting)
  // A batch that was printed while Kafka was away to take its commit does not come again: nobody else has moved the group.
  expect(repeats(first.said.stdout)).toBe(0)
  await vi.waitFor(() => expect(first.said.stderr).toContain('serverless offline runs again.'), waiting)
  const before = printedTicks(first.said.stdout).length
  await vi.waitFor(() => expect(printedTicks(first.said.stdout).length).toBeGreaterThan(before), waiting)
  expect(await microbatch(['verify'], { environment })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^tape: .* 0 differ, 0 missing.*\nbars: .* 0 differ, 0 missing/),
  })

  const pids = [runningBroker(kafkaDir())?.pid, offlinePid()]
  first.child.kill('SIGINT')
  expect(await first.done).toBe(0)
  for (const pid of pids) expect(pid !== undefined && isAlive(pid)).toBe(false)
  expect(first.said.stdout).not.toContain('"level"')
  expect(repeats(first.said.stdout)).toBe(0)

  const kafka = await startKafka({ dataDir: kafkaDir(), port: kafkaPort(), log: () => {} })
  try {
    // a broker that has just started needs a moment until it knows its groups
    const delivered = await vi.waitFor(() => deliveredTicks('tape'), waiting)
    expect([...new Set(printedTicks(first.said.stdout))].toSorted()).toEqual(delivered.toSorted())
  } finally {
    await kafka.stop()
  }
}, 240_000)
