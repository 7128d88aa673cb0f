import type { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { listenForStop } from '../../../mapping/command/stop-signal.ts'

const emitters: readonly EventEmitter[] = [process, process.stdout, process.stderr]
const events = ['SIGINT', 'SIGTERM', 'SIGHUP', 'error']
const listeners = () => emitters.map((emitter) => events.map((event) => emitter.listeners(event)))

let before = listeners()
let nowMs = 0
beforeEach(() => {
  before = listeners()
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})
afterEach(() => {
  vi.restoreAllMocks()
  emitters.forEach((emitter, at) => {
    events.forEach((event, index) => {
      const known = new Set(before[at]?.[index])
      for (const listener of emitter.listeners(event))
        if (!known.has(listener)) emitter.off(event, listener as () => void)
    })
  })
})

const brokenPipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
const pending = Symbol('pending')
const stateOf = (promise: Promise<unknown>) => Promise.race([promise, Promise.resolve(pending)])

test('a reader that has ended asks for an end, and each further line that fails does not urge it', async () => {
  const { asked, urged } = listenForStop()
  process.stdout.emit('error', brokenPipe)
  nowMs += 1_000
  process.stdout.emit('error', brokenPipe)
  process.stderr.emit('error', brokenPipe)
  expect(await asked).toBe('SIGHUP')
  expect(await stateOf(urged)).toBe(pending)
  process.emit('SIGINT', 'SIGINT')
  expect(await urged).toBe('SIGINT')
})

test('a Ctrl-C that arrives twice is one, and one that comes later is another', async () => {
  const { asked, urged } = listenForStop()
  process.emit('SIGINT', 'SIGINT')
  nowMs += 100
  process.emit('SIGINT', 'SIGINT')
  expect(await asked).toBe('SIGINT')
  expect(await stateOf(urged)).toBe(pending)
  nowMs += 200
  process.emit('SIGTERM', 'SIGTERM')
  expect(await urged).toBe('SIGTERM')
})
