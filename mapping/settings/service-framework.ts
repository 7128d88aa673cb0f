// The service's own Serverless Framework: where it is installed, and what it prints of a definition.

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { LocalError, messageOf } from '../error.ts'

export interface DefinitionSource {
  /** serverless.yml (or .ts, .js), or the JSON that `sls print` gives; an absolute path. */
  readonly file: string
  /** Instead of the one that the file says. */
  readonly stage?: string | undefined
  /** What variables are filled in from. */
  readonly environment: NodeJS.ProcessEnv
}

/**
 * The framework that a service has installed: in its folder, or in one above it, as in a repository of several packages.
 * @returns the path of a Node program; undefined where none is installed
 */
export function frameworkOf(folder: string): string | undefined {
  const program = join(folder, 'node_modules/.bin/serverless')
  if (existsSync(program)) return program
  return dirname(folder) === folder ? undefined : frameworkOf(dirname(folder))
}

/** @example throw withoutFramework('/home/me/orders') */
export const withoutFramework = (folder: string): LocalError =>
  new LocalError(
    'SETTINGS_INVALID',
    `${folder} has no Serverless Framework in its node_modules: npm install, without --omit=dev (or NODE_ENV=production), with osls ` +
      'and serverless-offline among its devDependencies.',
  )

/** Variables, includes and plugins are serverless's to resolve. @throws LocalError SETTINGS_INVALID with what it says */
export async function printedByFramework({ file, stage, environment }: DefinitionSource): Promise<string> {
  const folder = dirname(file)
  const installed = frameworkOf(folder)
  if (installed === undefined && existsSync(join(folder, 'package.json'))) throw withoutFramework(folder)
  // Under our own Node: the one that the system has may be older than the framework takes. Nearly all that it loads stays, so
  // room for what dies soon is 60 MB for nothing.
  const [command, ...first] =
    installed === undefined ? ['serverless'] : [process.execPath, '--max-semi-space-size=4', installed]
  // Half of its time goes into compiling two thousand files that never change: Node keeps what came of them, by their content.
  const compiled = installed === undefined ? {} : { NODE_COMPILE_CACHE: join(dirname(installed), '../.cache/node') }
  const words = [...first, 'print', '--format', 'json', '--config', basename(file)]
  try {
    const { stdout } = await promisify(execFile)(command, stage === undefined ? words : [...words, '--stage', stage], {
      cwd: folder,
      env: { ...compiled, ...environment, PWD: folder },
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  } catch (error) {
    // its errors go to stdout; where it could not be started at all there is nothing
    const said = error instanceof Error && 'stdout' in error ? errorIn(String(error.stdout)) : ''
    const what =
      said === ''
        ? `${installed ?? command} print failed: ${messageOf(error)}`
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
