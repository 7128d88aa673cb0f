import middy from '@middy/core'
import { afterEach, expect, test, vi } from 'vitest'
import { batchLog } from '../../handlers/log.ts'
import type { StreamingQueryProgress } from '../../lib/index.ts'

const context = { getRemainingTimeInMillis: () => 10 } as never
const lines: string[] = []
const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
afterEach(() => {
  lines.length = 0
  log.mockClear()
})

const handler = (run: () => Promise<unknown>) =>
  middy(run as () => Promise<StreamingQueryProgress>, { timeoutEarlyInMillis: 0 }).use(batchLog())

test('a batch is one structured line, and its progress goes back', async () => {
  const progress = { name: 'tape', batchId: 3, numInputRows: 2 }
  expect(await handler(async () => progress)({}, context)).toBe(progress)
  expect(lines.map((line) => JSON.parse(line))).toEqual([{ level: 'INFO', message: 'batch', ...progress }])
})

test('an error is logged and stays an error: a success would commit the offsets and lose the batch', async () => {
  const failing = handler(() => Promise.reject(new Error('sink away', { cause: new Error('disk full') })))
  await expect(failing({}, context)).rejects.toThrow('sink away')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 'ERROR', message: 'batch failed', error: 'sink away', cause: 'Error: disk full' }),
  ])
})

test('a batch that outlives its time is not reported as failed while it goes on', async () => {
  const slow = handler(() => new Promise((resolve) => setTimeout(resolve, 30, 'done')))
  expect(await slow({}, context)).toBe('done')
})
