// What the service's own Serverless Framework prints of a definition, all variables filled in: `sls print`, run in a process of its own.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { LocalError, messageOf } from '../../error.ts'
import { frameworkOf, withoutFramework } from '../service-framework.ts'

export interface DefinitionSource {
  /** serverless.yml (or .ts, .js), or the JSON that `sls print` gives; an absolute path. */
  readonly file: string
  /** Instead of the one that the file says. */
  readonly stage?: string | undefined
  /** What variables are filled in from. */
  readonly environment: NodeJS.ProcessEnv
}

/** Nearly all that it loads stays, so room for what dies soon is 60 MB for nothing. */
const heap = '--max-semi-space-size=4'
const spare = new URL(`./spare${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href

/**
 * Variables, includes and plugins are serverless's to resolve. It does so without what it loads in vain, and in the usual way where
 * that fails: what it refuses is always said by the whole of it.
 * @throws LocalError SETTINGS_INVALID with what it says
 * @example JSON.parse(await printedByFramework({ file: '/home/me/service/serverless.yml', environment: process.env })).functions
 */
export async function printedByFramework(source: DefinitionSource): Promise<string> {
  const folder = dirname(source.file)
  const installed = frameworkOf(folder)
  if (installed !== undefined)
    try {
      return await sparedPrint(source, installed)
    } catch {
      return wholePrint(source, installed)
    }
  if (existsSync(join(folder, 'package.json'))) throw withoutFramework(folder)
  return print(source, { command: 'serverless', first: [], environment: {} })
}

/** @param framework the path of its program */
export const sparedPrint = (source: DefinitionSource, framework: string): Promise<string> =>
  print(source, installedProgram(framework, '--import', spare))

/** @param framework the path of its program */
export const wholePrint = (source: DefinitionSource, framework: string): Promise<string> =>
  print(source, installedProgram(framework))

interface Program {
  readonly command: string
  /** Words before those of the framework. */
  readonly first: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

/** Under our own Node: the one that the system has may be older than the framework takes. */
const installedProgram = (framework: string, ...options: readonly string[]): Program => ({
  command: process.execPath,
  first: [heap, ...options, framework],
  // Half of its time goes into compiling files that never change: Node keeps what came of them, by their content.
  environment: { NODE_COMPILE_CACHE: join(dirname(framework), '../.cache/node') },
})

async function print({ file, stage, environment }: DefinitionSource, program: Program): Promise<string> {
  const folder = dirname(file)
  const words = [
    'print',
    '--format',
    'json',
    '--config',
    basename(file),
    ...(stage === undefined ? [] : ['--stage', stage]),
  ]
  try {
    const { stdout } = await promisify(execFile)(program.command, [...program.first, ...words], {
      cwd: folder,
      env: { ...program.environment, ...environment, PWD: folder },
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  } catch (error) {
    // its errors go to stdout; where it could not be started at all there is nothing
    const said = error instanceof Error && 'stdout' in error ? errorIn(String(error.stdout)) : ''
    const what =
      said === ''
        ? `${program.first.at(-1) ?? program.command} print failed: ${messageOf(error)}`
        : `the framework refuses ${file}: ${said}`
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
