import { expect, test } from 'vitest'
import { started, until } from './a-started-mapping.ts'
import { memoryInvoker, rowsFrom, someSettings } from './builders.ts'

test('a paused mapping begins no invocation and loses nothing; resumed, it goes on', async () => {
  const { mapping, source, invoker, log } = started(memoryInvoker(async () => undefined))
  source.join([0])
  mapping.pause()
  source.hand(rowsFrom(0, [0, 1, 2, 3]))
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(invoker.events).toHaveLength(0)
  expect(mapping.isPaused).toBe(true)

  mapping.resume()
  await until(() => expect(source.commits.get(0)).toBe(4))
  expect(log.lines.filter((line) => /paused|resumed/.test(line))).toHaveLength(2)
})

test('a batch that is to be tried again waits while the mapping is paused', async () => {
  let fails = true
  const { mapping, source, invoker } = started(
    memoryInvoker(async () => (fails ? { kind: 'functionError', errorType: 'Error', message: 'boom' } : undefined)),
    { random: () => 0, settings: someSettings({ batchSize: 1 }) },
  )
  source.join([0])
  source.hand(rowsFrom(0, [0]))
  await until(() => expect(invoker.events.length).toBeGreaterThan(0))
  mapping.pause()
  fails = false
  const tried = invoker.events.length
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(invoker.events.length).toBe(tried)
  mapping.resume()
  await until(() => expect(source.commits.get(0)).toBe(1))
})

test('a mapping that was paused and resumed before its function answers begins when that does', async () => {
  const ready = Promise.withResolvers<void>()
  const invoker = { ...memoryInvoker(async () => undefined), ready: () => ready.promise }
  const { mapping, source } = started(invoker)
  source.join([0])
  mapping.pause()
  mapping.resume()
  source.hand(rowsFrom(0, [0, 1, 2]))
  expect(invoker.events).toHaveLength(0)
  ready.resolve()
  await until(() => expect(source.commits.get(0)).toBe(3))
})
