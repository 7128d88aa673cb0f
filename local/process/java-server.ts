// A server on this machine, on the JVM that Kafka needs: started, waited for, with a log of its own. It never outlives us.
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { failureWithLog } from '../kafka/broker.ts'
import { type Child, startChild } from './child.ts'
import { untilReady } from './ready.ts'

export interface JavaServer {
  /** Its name for people. */
  readonly what: string
  /** Java's words, without those of its collector. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly logFile: string
  /** Whether it answers. */
  readonly isReady: () => Promise<boolean>
  readonly signal?: AbortSignal | undefined
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 5_000

/** @throws LocalError CHILD_FAILED with the end of its log; the signal's reason */
export async function startJavaServer({ what, args, env, logFile, isReady, signal }: JavaServer): Promise<Child> {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 })
  const file = openSync(logFile, 'w', 0o600)
  const child = await startChild({
    command: 'java',
    args: ['-XX:+UseSerialGC', ...args],
    env: { ...process.env, ...env },
    stdio: ['ignore', file, file],
  }).finally(() => closeSync(file))
  await untilReady({
    ...{ child, what, startTimeoutMs, stopTimeoutMs, signal, isReady },
    failure: (problem) => failureWithLog(problem, logFile),
  })
  return child
}

/** Ends it in order. */
export const stopJavaServer = async (child: Child): Promise<void> => {
  await child.stop('SIGTERM', stopTimeoutMs)
}
