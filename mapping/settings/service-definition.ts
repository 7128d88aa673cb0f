// A service's definition with all variables filled in, as the Serverless Framework itself reads it: `sls print`, run by the
// service's own version. Nothing is sent anywhere.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { LocalError } from '../error.ts'
import { issuesText } from './issues-text.ts'
import type { ServiceDefinition } from './settings.ts'

export interface DefinitionSource {
  /** serverless.yml (or .ts, .js), or the JSON that `sls print` gives; an absolute path. */
  readonly file: string
  /** Instead of the one that the file says. */
  readonly stage?: string | undefined
  /** What variables are filled in from. */
  readonly environment: NodeJS.ProcessEnv
}

const printed = z.looseObject({
  service: z.string(),
  provider: z
    .looseObject({ stage: z.string().optional(), region: z.string().optional(), timeout: z.unknown().optional() })
    .optional(),
  functions: z
    .record(
      z.string(),
      z.looseObject({
        name: z.string().optional(),
        events: z.array(z.unknown()).optional(),
        timeout: z.unknown().optional(),
        reservedConcurrency: z.unknown().optional(),
      }),
    )
    .default({}),
  resources: z.unknown().optional(),
})

/**
 * @throws LocalError SETTINGS_INVALID where the file is missing, or is not a service's definition, in the framework's words
 * @example (await readServiceDefinition({ file: join(projectDir, 'serverless.yml'), environment: process.env })).functions
 */
export async function readServiceDefinition(source: DefinitionSource): Promise<ServiceDefinition> {
  const { file, stage } = source
  if (!existsSync(file)) throw new LocalError('SETTINGS_INVALID', `There is no ${file}.`)
  const text = extname(file) === '.json' ? await readFile(file, 'utf8') : await print(source)
  const parsed = printed.safeParse(parseJson(text, file))
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${file}: ${issuesText(parsed.error)}`)
  const { service, provider, functions, resources } = parsed.data
  return {
    service,
    stage: stage ?? provider?.stage ?? 'dev',
    region: provider?.region ?? 'us-east-1',
    functions: Object.fromEntries(
      Object.entries(functions).map(([key, { name, events, timeout, reservedConcurrency }]) => [
        key,
        { ...(name === undefined ? {} : { name }), events, timeout, reservedConcurrency },
      ]),
    ),
    timeout: provider?.timeout,
    resources,
  }
}

/** Variables, includes and plugins are serverless's to resolve. */
async function print({ file, stage, environment }: DefinitionSource): Promise<string> {
  const folder = dirname(file)
  const serverless = join(folder, 'node_modules/.bin/serverless')
  const command = existsSync(serverless) ? serverless : 'serverless'
  const words = ['print', '--format', 'json', '--config', basename(file)]
  try {
    const { stdout } = await promisify(execFile)(command, stage === undefined ? words : [...words, '--stage', stage], {
      cwd: folder,
      env: { ...environment, PWD: folder },
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  } catch (error) {
    // its errors go to stdout; where it could not be started at all there is nothing
    const said = error instanceof Error && 'stdout' in error ? errorIn(String(error.stdout)) : ''
    const what = said === '' ? `${command} print failed: ${String(error)}` : `the framework refuses ${file}: ${said}`
    throw new LocalError('SETTINGS_INVALID', what, { cause: error })
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

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LocalError('SETTINGS_INVALID', `${file}: not JSON (${String(error)})`, { cause: error })
  }
}
