import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { encodeKafkaEvent } from '../../../lib/event/encode.ts'
import type { InvokeOutcome, Invoker } from '../../../mapping/invoke/invoker.ts'
import { lambdaApi } from '../../../mapping/invoke/lambda-api.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { aRow, memoryLog } from '../builders.ts'

const event = encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, [aRow()])
const payload = { recordCount: 1, event, bytes: Buffer.from(JSON.stringify(event)) }
const noAbort = new AbortController().signal
const open: Array<{ close(): void }> = []
afterEach(() => {
  for (const closable of open.splice(0)) closable.close()
})

interface Seen {
  readonly path: string | undefined
  readonly type: string | string[] | undefined
  readonly body: unknown
}

async function endpoint(
  answer: (response: ServerResponse) => void,
): Promise<{ invoker: Invoker; seen: Seen[]; server: Server }> {
  const seen: Seen[] = []
  const server = createServer((request: IncomingMessage, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ path: request.url, type: request.headers['x-amz-invocation-type'], body: JSON.parse(body) })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const where = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', allowed: noRemoteHosts }
  const invoker = lambdaApi({ ...where, log: memoryLog() })
  open.push(invoker, { close: () => server.closeAllConnections() }, server)
  return { invoker, seen, server }
}

const invoke = (invoker: Invoker): Promise<InvokeOutcome> => invoker.invoke('demo-dev-bars', payload, noAbort)

test('the event is sent as it is, synchronously, to the function by name', async () => {
  const { invoker, seen } = await endpoint((response) => response.end('{"ok":true}'))
  expect(await invoke(invoker)).toEqual({ kind: 'success', payload: '{"ok":true}' })
  expect(seen).toEqual([
    { path: '/2015-03-31/functions/demo-dev-bars/invocations', type: 'RequestResponse', body: event },
  ])
})

test('a function error is told from success, with its type and message', async () => {
  const { invoker } = await endpoint((response) => {
    response.setHeader('X-Amz-Function-Error', 'Unhandled')
    response.end('{"errorType":"TypeError","errorMessage":"boom"}')
  })
  expect(await invoke(invoker)).toEqual({ kind: 'functionError', errorType: 'TypeError', message: 'boom' })
})

test.each([
  [429, 'TooManyRequestsException', 'throttled'],
  [404, 'ResourceNotFoundException', 'unavailable'],
  [413, 'RequestTooLargeException', 'unavailable'],
  [500, 'ServiceException', 'unavailable'],
] as const)('an answer %i is %s and asked for once', async (status, type, kind) => {
  const { invoker, seen } = await endpoint((response) => {
    response.writeHead(status, { 'x-amzn-ErrorType': type })
    response.end('{"Message":"not now"}')
  })
  expect(await invoke(invoker)).toMatchObject({ kind, message: expect.stringContaining('not now') })
  expect(seen).toHaveLength(1)
})

test('a connection that breaks is an outcome, not an exception', async () => {
  const { invoker } = await endpoint((response) => response.destroy())
  expect(await invoke(invoker)).toMatchObject({ kind: 'unavailable' })
})

test('nobody listening is an outcome with the reason in it', async () => {
  const { invoker, server } = await endpoint(() => undefined)
  await new Promise((resolve) => server.close(resolve))
  expect(await invoke(invoker)).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('ECONNREFUSED') })
})

test('an invocation that is aborted ends at once', async () => {
  const abort = new AbortController()
  const { invoker } = await endpoint(() => abort.abort())
  expect(await invoker.invoke('demo-dev-bars', payload, abort.signal)).toMatchObject({ kind: 'unavailable' })
})

test('readiness waits for the endpoint, and gives up when told to', async () => {
  const { invoker, server } = await endpoint(() => undefined)
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  let isReady = false
  const ready = invoker.ready(noAbort).then(() => {
    isReady = true
  })
  const abort = new AbortController()
  const abandoned = invoker.ready(abort.signal)
  abort.abort(new Error('stopping'))
  await expect(abandoned).rejects.toThrow()
  expect(isReady).toBe(false)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await ready
})

test('an endpoint that does not answer is said once for all that wait, and once more when it answers', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const log = memoryLog()
  const at = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', allowed: noRemoteHosts }
  const invoker = lambdaApi({ ...at, log, patienceMs: 10 })
  const ready = Promise.all([invoker.ready(noAbort), invoker.ready(noAbort)])
  const waiting = `warning: nothing answers at http://127.0.0.1:${port} (the Lambda endpoint); waiting`
  await vi.waitFor(() => expect(log.lines).toEqual([waiting]))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  open.push(invoker, server)
  await ready
  expect(log.lines).toEqual([waiting, `notice: the Lambda endpoint http://127.0.0.1:${port} answers`])
})

test('an endpoint that answers at once is not talked of', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const log = memoryLog()
  const at = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', allowed: noRemoteHosts }
  const invoker = lambdaApi({ ...at, log })
  open.push(invoker, server)
  await invoker.ready(noAbort)
  expect(log.lines).toEqual([])
})

test('an endpoint on another machine is refused before anything is sent', () => {
  expect(() =>
    lambdaApi({
      endpoint: 'https://lambda.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      allowed: noRemoteHosts,
      log: memoryLog(),
    }),
  ).toThrow(expect.objectContaining({ code: 'REMOTE_REFUSED' }))
})

describe('the runtime interface emulator, which never says that a function failed (its issues 20, 21, 86)', () => {
  const answered = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
    const { invoker } = await endpoint((response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      response.end(body)
    })
    return invoker.invoke('function', payload, noAbort)
  }

  test.each([
    [
      'an error',
      '{"errorType":"TypeError","errorMessage":"boom","trace":[]}',
      { errorType: 'TypeError', message: 'boom' },
    ],
    ['a timeout', 'Task timed out after 1.00 seconds', { message: 'Task timed out after 1.00 seconds' }],
    ['the end of its process', '', { errorType: 'Runtime.ExitError' }],
  ])('%s is a function error', async (_, body, outcome) => {
    expect(await answered(body)).toMatchObject({ kind: 'functionError', ...outcome })
  })

  test.each(['null', '{}', '{"batchItemFailures":[]}', '"text"', '{"errorMessage":"only half of one"}'])(
    '%s is success',
    async (body) => {
      expect(await answered(body)).toEqual({ kind: 'success', payload: body })
    },
  )

  test('an endpoint that names the version it ran is not it', async () => {
    const body = '{"errorType":"mine","errorMessage":"an answer like any other"}'
    expect(await answered(body, { 'X-Amz-Executed-Version': '$LATEST' })).toEqual({ kind: 'success', payload: body })
  })
})
