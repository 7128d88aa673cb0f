import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openFunctionLog } from '../../../local/localstack/function-log.ts'

interface Event {
  readonly eventId: string
  readonly timestamp: number
  readonly message: string
}

const event = (eventId: string, timestamp: number): Event => ({ eventId, timestamp, message: `line ${eventId}` })
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const noAbort = new AbortController().signal

/** CloudWatch Logs over a list that grows: from startTime on, two events a page. Undefined: there is no such log group yet. */
async function cloudWatch(events: () => readonly Event[] | undefined) {
  const asked: { startTime: number; nextToken?: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const input = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    asked.push(input)
    const all = events()
    response.setHeader('Content-Type', 'application/x-amz-json-1.1')
    if (all === undefined) {
      response.statusCode = 400
      response.end(JSON.stringify({ __type: 'ResourceNotFoundException', message: 'no such log group' }))
      return
    }
    const from = Number(input.nextToken ?? 0)
    const wanted = all.filter(({ timestamp }) => timestamp >= input.startTime)
    const nextToken = from + 2 < wanted.length ? String(from + 2) : undefined
    response.end(JSON.stringify({ events: wanted.slice(from, from + 2), nextToken }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const log = openFunctionLog(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'demo-dev-bars')
  closing.push(() => {
    log.close()
    server.close()
  })
  return { log, asked, server }
}

test('each event is given once, over pages and calls, also one that is stored after later ones', async () => {
  const stored = [event('a', 100_000), event('b', 101_000), event('d', 103_000)]
  const { log } = await cloudWatch(() => stored)
  expect(await log.read(noAbort)).toEqual(['line a', 'line b', 'line d'])
  expect(await log.read(noAbort)).toEqual([])
  stored.push(event('c', 102_000), event('e', 104_000))
  expect(await log.read(noAbort)).toEqual(['line c', 'line e'])
})

test('of two containers, whose events LocalStack gives one container after the other, the older event comes first', async () => {
  const first = [event('a1', 100_000), event('a2', 105_000)]
  const second = [event('b1', 102_000), event('b2', 108_000)]
  const { log } = await cloudWatch(() => [...first, ...second])
  expect(await log.read(noAbort)).toEqual(['line a1', 'line b1', 'line a2', 'line b2'])
})

test('what is old is not asked for again and again', async () => {
  const { log, asked } = await cloudWatch(() => [event('a', 1_000), event('b', 1_000_000)])
  await log.read(noAbort)
  await log.read(noAbort)
  expect(asked.map(({ startTime }) => startTime)).toEqual([0, 940_000])
})

test('a function that has not run yet has no log, which is no error', async () => {
  let stored: Event[] | undefined
  const { log } = await cloudWatch(() => stored)
  expect(await log.read(noAbort)).toEqual([])
  stored = [event('a', 1)]
  expect(await log.read(noAbort)).toEqual(['line a'])
})

test('only this machine is asked', () => {
  expect(() => openFunctionLog('https://logs.us-east-1.amazonaws.com', 'x')).toThrow('not this machine')
})

test('an endpoint that accepts and never answers is given up by the signal, and what it kept comes with the next call', async () => {
  const { log, server } = await cloudWatch(() => [event('a', 1), event('b', 2), event('c', 3)])
  const answering = server.listeners('request')
  const stop = new AbortController()
  let pages = 0
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    pages += 1
    if (pages === 1) for (const answer of answering) answer.call(server, request, response)
    else stop.abort() // the second page never comes
  })
  await expect(log.read(stop.signal)).rejects.toThrow()
  server.removeAllListeners('request')
  for (const answer of answering) server.on('request', (request, response) => answer.call(server, request, response))
  expect(await log.read(noAbort)).toEqual(['line a', 'line b', 'line c'])
})
