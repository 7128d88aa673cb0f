// A service's definition with all variables filled in, as the Serverless Framework itself reads it: `sls print`, run by the
// service's own version. Nothing is sent anywhere.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { LocalError } from './error.ts'
import type { ServiceDefinition } from './mapping/settings.ts'

const printed = z.looseObject({
  service: z.string(),
  provider: z.looseObject({ stage: z.string().optional(), region: z.string().optional() }).optional(),
  functions: z.record(z.string(), z.looseObject({ events: z.array(z.unknown()).optional() })).default({}),
  resources: z.unknown().optional(),
})

/**
 * @param folder of serverless.yml, with its node_modules
 * @param environment what its variables are filled in from
 * @throws LocalError SETTINGS_INVALID with the framework's own words
 * @example (await readServiceDefinition(projectDir, process.env)).functions
 */
export async function readServiceDefinition(
  folder: string,
  environment: NodeJS.ProcessEnv,
): Promise<ServiceDefinition> {
  const text = await print(folder, environment)
  const parsed = printed.safeParse(JSON.parse(text))
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `serverless.yml: ${z.prettifyError(parsed.error)}`)
  const { service, provider, functions, resources } = parsed.data
  return {
    service,
    stage: provider?.stage ?? 'dev',
    region: provider?.region ?? 'us-east-1',
    functions: Object.fromEntries(Object.entries(functions).map(([key, { events }]) => [key, { events }])),
    resources,
  }
}

async function print(folder: string, environment: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(folder, 'node_modules/.bin/serverless'), 'print', '--format', 'json'],
      { cwd: folder, env: { ...environment, PWD: folder }, maxBuffer: 64 * 1024 * 1024 },
    )
    return stdout
  } catch (error) {
    // its errors go to stdout, too
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
    throw new LocalError('SETTINGS_INVALID', `the framework refuses serverless.yml: ${errorIn(said)}`, { cause: error })
  }
}

/** The framework frames its errors: a heading, the message, then where to report it and where to read more. */
function errorIn(said: string): string {
  const lines = said.split('\n').map((line) => line.trim())
  const heading = lines.findIndex((line) => /^(✖|×|Error:)/.test(line))
  const rest = lines.slice(Math.max(0, heading))
  const end = rest.findIndex((line) => /^(Learn more|Stack Trace|at .*:\d+:\d+\)?$)/.test(line))
  return rest
    .slice(0, end === -1 ? undefined : end)
    .filter((line) => line !== '' && line !== 'Error:')
    .join(' ')
}
