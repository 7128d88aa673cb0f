// One of AWS's APIs on this machine, on the JVM that Kafka needs: started on loopback, waited for, its log beside those of the runs. It
// never outlives us.
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { failureWithLog } from '../kafka/broker.ts'
import { describeExit, startChild } from '../process/child.ts'
import { untilReady } from '../process/ready.ts'

export interface AwsApi {
  readonly url: string
  /** Resolves with the reason when it ends. */
  readonly ended: Promise<string>
  stop(): Promise<void>
  kill(): Promise<void>
}

export interface ApiOptions {
  readonly port: number
  /** What it keeps, for a next start to go on from. */
  readonly dataDir: string
  readonly logFile: string
  /** Kafka's jars: what is fetched lies beside them. */
  readonly libsDir: string
  readonly log: (line: string) => void
  readonly signal?: AbortSignal
}

export interface JavaApi extends Pick<ApiOptions, 'port' | 'logFile' | 'signal'> {
  /** Its name for people. */
  readonly what: string
  /** Java's words after its options. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 5_000

/** @throws LocalError CHILD_FAILED with the end of its log; the signal's reason */
export async function startJavaApi({ what, port, args, env, logFile, signal }: JavaApi): Promise<AwsApi> {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 })
  const file = openSync(logFile, 'w', 0o600)
  const child = await startChild({
    command: 'java',
    args: ['-Xmx128m', '-XX:+UseSerialGC', ...args],
    env: { ...process.env, ...env },
    stdio: ['ignore', file, file],
  }).finally(() => closeSync(file))
  const url = `http://127.0.0.1:${port}`
  await untilReady({
    ...{ child, what, startTimeoutMs, stopTimeoutMs, signal },
    isReady: () => answers(url),
    failure: (problem) => failureWithLog(problem, logFile),
  })
  return {
    url,
    ended: child.exited.then(describeExit),
    async stop() {
      await child.stop('SIGTERM', stopTimeoutMs)
    },
    async kill() {
      await child.kill()
    },
  }
}

/** Whatever it answers to a request without a command. */
const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    () => true,
    () => false,
  )
