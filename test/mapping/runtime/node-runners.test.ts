import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { inProcessRunner, type Runner, workerRunner } from '../../../mapping/runtime/node-runners.ts'
import { setOfflineContext } from '../../../mapping/runtime/offline-context.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'

const offline = join(createRequire(import.meta.url).resolve('serverless-offline'), '..')
const loader = pathToFileURL(
  join(offline, 'lambda/handler-runner/in-process-runner/aws-lambda-ric/UserFunction.js'),
).href

/** What the handlers of a careless afternoon look like. */
const handlers = `
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const save = async () => { await later(5); throw new Error('the forgotten await') }
exports.text = async () => { throw 'boom' }
exports.object = async () => { throw { statusCode: 500 } }
exports.nothing = () => Promise.reject()
exports.error = async () => { throw new TypeError('real') }
exports.cause = async () => { throw new Error('db', { cause: { retry() {} } }) }
exports.callbackText = (event, context, callback) => callback('failed')
exports.callbackAnswer = (event, context, callback) => { setTimeout(() => callback(null, { ok: 1 }), 5) }
exports.unauthorized = (event, context, callback) => callback('Unauthorized')
exports.fail = (event, context) => context.fail('failed')
exports.succeed = (event, context) => context.succeed({ ok: 2 })
exports.returns = () => { setTimeout(() => { globalThis.finished = true }, 20) }
exports.finished = async () => globalThis.finished === true
exports.forgot = async () => { save(); await later(200) }
exports.stray = async () => { setTimeout(() => { throw new Error('stray') }, 5); await later(200) }
exports.late = async () => { setTimeout(() => { throw new Error('late') }, 20) }
exports.exit = async () => { process.exit(3) }
exports.functions = async () => ({ config: { validate() {} }, kept: 1 })
exports.bigint = async () => ({ n: 1n })
exports.circle = async () => { const it = {}; it.it = it; return it }
exports.plain = () => 'sync'
exports.time = async (event, context) => typeof context.getRemainingTimeInMillis() === 'number' && context.done === undefined
exports.slow = async () => { await later(300); return 'with the code of before' }
exports.fine = async (event) => ({ got: event.n })
`

let folder: string
const errors: string[] = []
const runners: Runner[] = []
let ending = new AbortController()

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-runners-'))
  writeFileSync(join(folder, 'handlers.js'), handlers)
  const log = { error: (text: string) => void errors.push(text), warning: () => undefined, notice: () => undefined }
  setOfflineContext({
    log,
    allowed: noRemoteHosts,
    get ending() {
      return ending.signal
    },
  })
})
afterEach(() => Promise.all(runners.splice(0).map((runner) => runner.cleanup())))
afterAll(() => rmSync(folder, { recursive: true }))

function aRunner(name: string, runtime: string, kind = workerRunner, timeout = 5_000): Runner {
  const Class = kind(loader)
  const paths = { codeDir: folder, servicePath: folder, handler: `handlers.${name}` }
  const runner = new Class({ ...paths, functionKey: name, runtime, timeout }, {})
  runners.push(runner)
  return runner
}

const outcome = (name: string, runtime: string, kind?: typeof workerRunner): Promise<unknown> =>
  aRunner(name, runtime, kind)
    .run({ n: 7 }, { functionName: name })
    .catch((error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'not an Error'))

describe.each([
  ['in a worker thread', workerRunner],
  ['in this process', inProcessRunner],
])('%s', (_where, kind) => {
  test.each([
    ['text', 'Error: boom'],
    ['object', 'Error: { statusCode: 500 }'],
    ['nothing', 'Error: undefined'],
    ['error', 'TypeError: real'],
    ['cause', 'Error: db'],
    ['bigint', 'Error: Unable to stringify response body: Do not know how to serialize a BigInt'],
  ])('%s fails, on every runtime', async (name, expected) => {
    expect(await outcome(name, 'nodejs22.x', kind)).toBe(expected)
    expect(await outcome(name, 'nodejs24.x', kind)).toBe(expected)
  })

  test.each([
    ['callbackText', 'Error: failed'],
    ['unauthorized', 'Error: Unauthorized'],
    ['fail', 'Error: failed'],
    ['callbackAnswer', { ok: 1 }],
    ['succeed', { ok: 2 }],
  ])('on nodejs22.x %s answers by callback or context', async (name, expected) => {
    expect(await outcome(name, 'nodejs22.x', kind)).toEqual(expected)
  })

  test('what JSON leaves of an answer is the answer', async () => {
    expect(await outcome('functions', 'nodejs22.x', kind)).toEqual({ config: {}, kept: 1 })
    expect(await outcome('circle', 'nodejs24.x', kind)).toContain(
      'Error: Unable to stringify response body: Converting circular',
    )
  })

  test('from nodejs24.x on a callback parameter is refused by name, and the context has no callbacks', async () => {
    expect(await outcome('callbackAnswer', 'nodejs24.x', kind)).toContain(
      'Runtime.CallbackHandlerDeprecated: the handler has a callback',
    )
    expect(await outcome('succeed', 'nodejs24.x', kind)).toBe('TypeError: context.succeed is not a function')
    expect(await outcome('time', 'nodejs24.x', kind)).toBe(true)
    expect(await outcome('plain', 'nodejs24.x', kind)).toBe('sync')
  })
})

test('on nodejs22.x a handler that returns nothing is done when its event loop is empty, and may be invoked again', async () => {
  const runner = aRunner('returns', 'nodejs22.x')
  expect(await runner.run({}, {})).toBeNull()
  expect(await runner.run({}, {})).toBeNull()
  expect(await outcome('plain', 'nodejs22.x')).toBeNull()
})

test.each([
  ['forgot', 'Runtime.UnhandledPromiseRejection: Error: the forgotten await'],
  ['stray', 'Runtime.UncaughtException: Error: stray'],
  ['exit', 'Runtime.ExitError: the handler ended its process with code 3 and gave no answer'],
])('%s fails its own invocation; the next one has a new worker', async (name, expected) => {
  const runner = aRunner(name, 'nodejs24.x')
  const run = () => runner.run({}, {}).catch((error: Error) => `${error.name}: ${error.message}`)
  expect(await run()).toBe(expected)
  expect(await run()).toBe(expected)
  expect(await outcome('fine', 'nodejs24.x')).toEqual({ got: 7 })
})

test('what is thrown after the answer is said, and costs nobody anything', async () => {
  errors.length = 0
  const runner = aRunner('late', 'nodejs24.x')
  expect(await runner.run({}, {})).toBeUndefined()
  await expect.poll(() => errors).toEqual(['late: after its answer: Runtime.UncaughtException: Error: late'])
  expect(await runner.run({}, {})).toBeUndefined()
})

describe('where serverless-offline ends a worker while it runs', () => {
  afterEach(() => {
    ending = new AbortController()
  })
  const outcomeOf = (runner: Runner) => runner.run({}, {}).catch((error: Error) => error.message)

  test('since code was built anew, the invocation goes on to its end', async () => {
    const runner = aRunner('slow', 'nodejs24.x')
    const running = outcomeOf(runner)
    await runner.cleanup()
    expect(await running).toBe('with the code of before')
    expect(await outcomeOf(runner)).toBe('with the code of before')
  })

  test('since its time is over, or everything ends, it is not waited for', async () => {
    const late = aRunner('slow', 'nodejs24.x', workerRunner, 50)
    const running = outcomeOf(late)
    await late.cleanup()
    expect(await running).toContain('ended its process')
    ending.abort()
    const last = aRunner('slow', 'nodejs24.x')
    const interrupted = outcomeOf(last)
    await last.cleanup()
    // Nobody is told: it is no failure of the function.
    expect(await Promise.race([interrupted, 'nothing'])).toBe('nothing')
  })
})
