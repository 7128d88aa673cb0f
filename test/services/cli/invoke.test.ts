import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { microbatch } from './microbatch.ts'

const event = 'test/events/self-managed.json'

let dir: string
let lambda: Server
let requests: string[]
let port: number

/** Lambda's endpoint of a running `start`, and what is asked of it. */
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-invoke-'))
  requests = []
  lambda = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.end('{"from":"start"}')
  })
  port = await new Promise((resolve) => {
    lambda.listen(0, '127.0.0.1', () => {
      const address = lambda.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
})
afterEach(() => {
  lambda.close()
  rmSync(dir, { recursive: true, force: true })
})

const invoke = (...words: readonly string[]) =>
  microbatch(['invoke', ...words], {
    environment: { LOCAL_DIR: dir, OFFLINE_LAMBDA_PORT: String(port), DYNAMODB_PORT: '1' },
  })

test('a function that Kafka feeds runs over empty state in this process, and says so in one line', async () => {
  const { code, stdout, stderr } = await invoke('bars', event)
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('over empty state in memory') })
  expect(stdout).toContain('|{2026-01-05 14:30:00, 2026-01-05 14:30:03}|AAPL  |1    |151.0 |')
  expect(requests).toEqual([])
  expect(readFileSync(join(dir, 'dead-letters.invoke.ndjson'), 'utf8')).not.toBe('')
})

test('--json leaves stdout to the answer', async () => {
  const { stdout, stderr } = await invoke('bars', event, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ payload: { name: 'bars', batchId: 0, numInputRows: 4 } })
  expect(stderr).toContain('Batch: 0')
})

test('--into-live-state is the explicit way to the state of a running start', async () => {
  const { code, stdout, stderr } = await invoke('bars', event, '--into-live-state')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({ from: 'start' })
  expect(requests).toEqual([expect.stringContaining('/functions/microbatch-dev-bars/invocations')])
})

test('an endpoint of this machine keeps state too, and is not asked without it', async () => {
  const { code, stderr } = await invoke('bars', event, '--endpoint', `http://127.0.0.1:${port}`)
  expect({ code, requests }).toEqual({ code: 2, requests: [] })
  expect(stderr).toMatch(
    /^The function bars at .* would write this event into the state that it keeps.*--into-live-state/,
  )
})

test('a function that Kafka does not feed is invoked where start runs', async () => {
  const { code } = await invoke('producer', event)
  expect(code).toBe(0)
  expect(requests).toEqual([expect.stringContaining('/functions/microbatch-dev-producer/invocations')])
  expect(existsSync(join(dir, 'dead-letters.invoke.ndjson'))).toBe(false)
})

test('a function that there is not is said with those that there are', async () => {
  const { code, stderr } = await invoke('foo', event)
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'The service has no function foo, only producer, tape, bars, bars-api.\n',
  })
})

test('a function alone is answered with what is missing, and a word alone that is none with the functions', async () => {
  const wrong = await invoke('foo')
  expect(wrong).toMatchObject({
    code: 2,
    stderr: 'The service has no function foo, only producer, tape, bars, bars-api.\n',
  })
  const { code, stderr } = await invoke('bars')
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('takes FUNCTION EVENT.json') })
  expect(stderr).toContain('Functions: producer, tape, bars, bars-api.')
})

test('a queue that the shell names gets no record: the handler refuses it, here and in a replay', async () => {
  const recording = join(dir, 'bad.ndjson')
  const delivered = { at: '2026-01-05T14:30:03.000Z', function: 'tape', event: JSON.parse(readFileSync(event, 'utf8')) }
  writeFileSync(recording, `${JSON.stringify(delivered)}\n`)
  // It reaches the server, and is no loopback address.
  const environment = { LOCAL_DIR: dir, DEAD_LETTER_QUEUE_URL: `http://0.0.0.0:${port}/1/q` }
  for (const words of [
    ['replay', recording],
    ['invoke', 'tape', event],
  ]) {
    const { code, stderr } = await microbatch(words, { environment })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('ALLOW_REMOTE=0.0.0.0') })
  }
  expect(requests).toEqual([])
})

test('a function that fails is said as Lambda says it', async () => {
  const { code, stderr } = await invoke('bars', 'package.json')
  expect(code).toBe(1)
  expect(stderr).toContain('bars failed (Unhandled)')
  expect(stderr).toContain('"errorType": "MicrobatchError"')
})
