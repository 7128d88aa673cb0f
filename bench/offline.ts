// serverless-offline with an empty function, on free ports, for as long as a bench needs it.

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startChild } from '../local/process/child.ts'
import { freePort, isTaken } from '../local/process/port.ts'

export const serverless = join(import.meta.dirname, '../node_modules/serverless/bin/serverless.js')
const startTimeoutMs = 60_000

/** @example const offline = await startEmptyFunction(); await offline[Symbol.asyncDispose]() */
export async function startEmptyFunction(): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const [lambdaPort, httpPort] = [await freePort(), await freePort()]
  const folder = join(import.meta.dirname, 'endpoint')
  const child = await startChild({
    command: process.execPath,
    args: [serverless, 'offline'],
    cwd: folder,
    stdio: 'ignore',
    env: { ...process.env, PWD: folder, LAMBDA_PORT: String(lambdaPort), HTTP_PORT: String(httpPort) },
  })
  const giveUpAtMs = performance.now() + startTimeoutMs
  while (!(await isTaken(lambdaPort))) {
    if (performance.now() > giveUpAtMs) {
      await child.kill()
      throw new Error(`serverless offline in ${folder} was not ready after ${startTimeoutMs / 1000} s`)
    }
    await delay(100)
  }
  return {
    endpoint: `http://localhost:${lambdaPort}`,
    async [Symbol.asyncDispose]() {
      await child.stop('SIGINT', 10_000)
    },
  }
}
