// A real `sls offline` in the fixture's folder, and what it says.

import { join } from 'node:path'
import { inject } from 'vitest'
import { type Child, startChild } from '../../local/process/child.ts'
import { freePort } from '../../local/process/port.ts'

const project = join(import.meta.dirname, 'fixtures/offline')
const serverless = join(import.meta.dirname, '../../node_modules/serverless/bin/serverless.js')

export interface Offline {
  readonly child: Child
  readonly lambdaPort: number
  readonly said: () => string
}

/** @param environment beside the broker and the ports */
export async function startOffline(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Offline> {
  const [lambdaPort, httpPort] = [await freePort(), await freePort()]
  const child = await startChild({
    command: process.execPath,
    args: [serverless, ...words],
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      LAMBDA_PORT: String(lambdaPort),
      HTTP_PORT: String(httpPort),
      FIXTURE_BROKER: inject('brokers')[0] ?? '',
      ...environment,
    },
  })
  let text = ''
  for (const stream of [child.process.stdout, child.process.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  return { child, lambdaPort, said: () => text }
}
