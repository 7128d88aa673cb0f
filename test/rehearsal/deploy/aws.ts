// A stand-in for AWS: moto's server on a free port of loopback, ended by its own pid, and what a stack made in it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { end, run, withoutAccount } from '../process.ts'
import { pythonTools } from '../tools.ts'

/** One resource as its service tells of it. */
export interface Made {
  readonly type: string
  /** What `Ref` gives. */
  readonly id: string
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, string>>
  readonly properties: Readonly<Record<string, unknown>>
}

export interface Aws extends AsyncDisposable {
  readonly environment: NodeJS.ProcessEnv
  /** The resources of a stack by their logical ids; none of one that is not there. */
  readonly readBack: (stack: string) => Promise<ReadonlyMap<string, Made>>
}

export async function startAws(): Promise<Aws> {
  const python = join(await pythonTools(), 'python')
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const environment = { ...withoutAccount(), AWS_ENDPOINT_URL: endpoint, AWS_DEFAULT_REGION: 'us-east-1' }
  const child = spawn(python, [join(import.meta.dirname, 'aws.py'), String(port)], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}:\n${said}`)
    await new Promise((wake) => setTimeout(wake, 100))
  }
  return {
    environment,
    async readBack(stack) {
      const json = await run(python, [join(import.meta.dirname, 'read_back.py'), stack], { env: environment })
      return new Map<string, Made>(Object.entries(JSON.parse(json)))
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/moto-api/`).then(
    ({ ok }) => ok,
    () => false,
  )

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('no free port')
}
