// A Lambda container: the zip unpacked, AWS's runtime client over it, and the environment that the template gives the function.

import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { logicalName } from '../../../infra/names.ts'
import { end, run, withoutAccount } from '../process.ts'
import { pythonTools, runtimeClient } from '../tools.ts'
import type { Package } from '../variants.ts'
import { type Outcome, RuntimeApi, type RuntimeError } from './runtime-api.ts'

export interface Container extends AsyncDisposable {
  /** Milliseconds from the start of the process to its first question for an event. */
  readonly coldStartMs: number
  /** Why it could not start; null where it did. */
  readonly initError: RuntimeError | null
  /** What it wrote so far. */
  readonly output: () => string
  /** A container that does not answer in time is killed, as Lambda does. */
  readonly invoke: (event: unknown, timeoutMs?: number) => Promise<Outcome>
}

/** The folder of a function's unpacked zip. */
export async function unpack({ folder }: Package, functionKey: string): Promise<string> {
  const target = join(folder, functionKey)
  rmSync(target, { recursive: true, force: true })
  await run(join(await pythonTools(), 'python'), ['-m', 'zipfile', '-e', join(folder, `${functionKey}.zip`), target])
  return target
}

/**
 * @param environment in place of what the template's own says, for what only CloudFormation knows
 */
export async function startContainer(
  packaged: Package,
  functionKey: string,
  environment: Readonly<Record<string, string>>,
): Promise<Container> {
  const client = await runtimeClient()
  const root = join(packaged.folder, functionKey)
  const { handler, variables } = functionOf(packaged, functionKey)
  const api = await new RuntimeApi().listen()
  const startedMs = performance.now()
  const child: ChildProcess = spawn(process.execPath, [client], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutAccount(),
      ...variables,
      ...environment,
      _HANDLER: handler,
      LAMBDA_TASK_ROOT: root,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: `microbatch-dev-${functionKey}`,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/microbatch-dev-${functionKey}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'rehearsal',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const died = new Promise<never>((_, reject) => {
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`the runtime of ${functionKey} ended with ${code}:\n${said}`)))
  })
  died.catch(() => undefined)
  const initError = await Promise.race([api.started, died])
  const coldStartMs = performance.now() - startedMs
  return {
    coldStartMs,
    initError,
    output: () => said,
    async invoke(event, timeoutMs = 10_000) {
      const outcome = await Promise.race([api.invoke(event, timeoutMs), died])
      if (outcome.kind === 'timeout') await end(child, 'SIGKILL')
      return outcome
    },
    async [Symbol.asyncDispose]() {
      await end(child, 'SIGKILL')
      await api[Symbol.asyncDispose]()
    },
  }
}

/** What the template says; a value that CloudFormation makes is left to the caller. */
function functionOf({ resources }: Package, key: string) {
  const name = `${logicalName(key)}LambdaFunction`
  const properties = resources.get(name)?.Properties
  const handler = properties?.Handler
  if (typeof handler !== 'string') throw new Error(`the template has no handler for ${name}`)
  const { Environment } = properties as { Environment: { Variables: Record<string, unknown> } }
  const variables = Object.fromEntries(
    Object.entries(Environment.Variables).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  return { handler, variables }
}
