import { afterEach, expect, test, vi } from 'vitest'
import ReloadPlugin from '../../../local/offline/reload-plugin.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('files that are saved together are one line, the next save another', () => {
  vi.useFakeTimers()
  const said: string[] = []
  const { hooks } = new ReloadPlugin({ service: {} }, {}, { log: { notice: (text) => said.push(text) } })
  const save = hooks['after:offline:functionsUpdated:cleanup'] ?? (() => {})
  save()
  vi.advanceTimersByTime(100)
  save()
  expect(said).toEqual([])
  vi.advanceTimersByTime(300)
  expect(said).toEqual(['Handlers reloaded.'])
  save()
  vi.advanceTimersByTime(300)
  expect(said).toHaveLength(2)
})
