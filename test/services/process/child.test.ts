import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { startChild } from '../../../local/process/child.ts'
import { isAlive } from '../../../local/process/identity.ts'

let parent: ChildProcess | undefined
afterEach(() => {
  parent?.kill('SIGKILL')
})

/** A process of its own that starts a child by startChild; resolves with the child's pid. */
async function parentOf(kind: 'obedient' | 'stubborn'): Promise<{ parent: ChildProcess; childPid: number }> {
  const script = join(import.meta.dirname, '../fixtures/parent.ts')
  const started = spawn(process.execPath, [script, kind], { stdio: ['ignore', 'pipe', 'inherit'] })
  parent = started
  const childPid = await new Promise<number>((resolve) =>
    started.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes.toString()))),
  )
  expect(isAlive(childPid)).toBe(true)
  return { parent: started, childPid }
}

test('a child does not outlive a parent that was killed with -9', async () => {
  const { parent, childPid } = await parentOf('obedient')
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(childPid)).toBe(false), { timeout: 8_000 })
})

test('nor does one that ignores SIGTERM', async () => {
  const { parent, childPid } = await parentOf('stubborn')
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(childPid)).toBe(false), { timeout: 20_000, interval: 200 })
})

test('stop sends the signal, and SIGKILL to the group when the grace is over', async () => {
  const obedient = await startChild({ command: 'sleep', args: ['60'], stdio: 'ignore' })
  expect(await obedient.stop('SIGTERM', 10_000)).toEqual({ code: null, signal: 'SIGTERM' })
  const stubborn = await startChild({ command: '/bin/sh', args: ['-c', "trap '' INT; sleep 60"], stdio: 'ignore' })
  expect(await stubborn.stop('SIGINT', 300)).toEqual({ code: null, signal: 'SIGKILL' })
})

test('a command that is not there is an error, not a child', async () => {
  await expect(startChild({ command: 'no-such-command', args: [], stdio: 'ignore' })).rejects.toMatchObject({
    code: 'ENOENT',
  })
})
