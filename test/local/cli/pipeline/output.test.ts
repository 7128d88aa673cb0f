import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { writeTo } from '../../../../local/cli/pipeline/output.ts'

test('a slow reader is waited for', async () => {
  const stream = new PassThrough({ highWaterMark: 1 })
  let isWritten = false
  const written = writeTo(stream, 'line\n').then(() => {
    isWritten = true
  })
  await new Promise(setImmediate)
  expect(isWritten).toBe(false)
  expect(String(stream.read())).toBe('line\n')
  await written
  expect(stream.listenerCount('error')).toBe(0)
})

test("a reader that went away is not waited for, and its error is nobody else's", async () => {
  const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => setImmediate(done, gone) })
  const said = once(stream, 'close').catch((error: unknown) => error)
  await writeTo(stream, 'line\n')
  expect(await said).toBe(gone)
  await writeTo(stream, 'another\n')
})
