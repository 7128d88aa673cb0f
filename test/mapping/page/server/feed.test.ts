import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openFeed } from '../../../../mapping/page/server/feed.ts'
import type { PageChange, PageState } from '../../../../mapping/page/view/state.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const unexpected = (error: unknown) => {
  throw error
}
const change: PageChange = { nowMs: 0, mappings: [], batches: [], points: {}, letters: [], tables: [] }
const state: PageState = { ...change, service: 'demo-dev', startedAtMs: 0, history: {} }

/** A reader whose socket has so many bytes that were not read. */
function aReader(unreadBytes = 0) {
  const stream = Object.assign(new PassThrough(), { writeHead: () => undefined })
  Object.defineProperty(stream, 'writableLength', { value: unreadBytes })
  return { stream, response: stream as unknown as ServerResponse, text: () => String(stream.read() ?? '') }
}

test('a reader has the whole state, then each change, then a sign of life', () => {
  const changes: (PageChange | undefined)[] = [change]
  const feed = openFeed({ state: () => state, change: () => changes.shift() }, unexpected)
  const reader = aReader()
  feed.open(reader.response)
  expect(reader.text()).toMatch(/^retry: 1000\n\nevent: state\ndata: \{"nowMs":0,.*\}\n\n$/)
  vi.advanceTimersByTime(500)
  expect(reader.text()).toMatch(/^event: change\n/)
  vi.advanceTimersByTime(9_500)
  expect(reader.text()).toBe(': nothing new\n\n')
  feed.close()
})

test('one that does not read is let go of, and the others go on', () => {
  const feed = openFeed({ state: () => state, change: () => change }, unexpected)
  const [idle, other] = [aReader(9_000_000), aReader()]
  feed.open(idle.response)
  feed.open(other.response)
  vi.advanceTimersByTime(500)
  expect([idle.stream.destroyed, other.stream.destroyed]).toEqual([true, false])
  feed.close()
})

test('nothing is asked for while nobody reads', () => {
  const asked = vi.fn()
  const feed = openFeed({ state: () => state, change: asked }, unexpected)
  vi.advanceTimersByTime(5_000)
  expect(asked).not.toHaveBeenCalled()
  feed.close()
})

test('an error of what it shows is told once, and ends it', () => {
  const failed = vi.fn()
  const broken = () => {
    throw new Error('broken')
  }
  const feed = openFeed({ state: () => state, change: broken }, failed)
  feed.open(aReader().response)
  vi.advanceTimersByTime(5_000)
  expect(failed).toHaveBeenCalledExactlyOnceWith(new Error('broken'))
  feed.close()
})
