// A service's definition with all variables filled in, as the Serverless Framework itself reads it: `sls print`, run by the
// service's own version. Nothing is sent anywhere.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { LocalError, messageOf } from '../error.ts'
import { issuesText } from './issues-text.ts'
import type { FunctionDefinition, ServiceDefinition } from './settings.ts'

export interface DefinitionSource {
  /** serverless.yml (or .ts, .js), or the JSON that `sls print` gives; an absolute path. */
  readonly file: string
  /** Instead of the one that the file says. */
  readonly stage?: string | undefined
  /** What variables are filled in from. */
  readonly environment: NodeJS.ProcessEnv
}

/** A function as the framework prints it: its events are the mapping's, the rest is for those who run its code. */
export interface PrintedFunction extends FunctionDefinition {
  /** `handlers/consumer.bars`: the module's path without its extension, and what it exports. */
  readonly handler?: string
  readonly runtime?: string
  readonly environment?: Readonly<Record<string, unknown>>
}

/** A query as a plugin of the service knows it, under its function's key: `custom.microbatch.queries`. */
export interface PrintedQuery {
  readonly topic: string
  readonly partitions?: number | undefined
  /** The partitions of each, where it reads several topics. */
  readonly topics?: Readonly<Record<string, number>> | undefined
  readonly consumerGroupId?: string | undefined
}

export interface PrintedService extends ServiceDefinition {
  readonly functions: Readonly<Record<string, PrintedFunction>>
  /** Those of all functions: `provider.environment` and `provider.runtime`. */
  readonly environment: Readonly<Record<string, unknown>>
  readonly runtime: string | undefined
  readonly queries: Readonly<Record<string, PrintedQuery>>
  /** Functions of the file that such a plugin took out: `custom.microbatch.leftOut`. */
  readonly leftOut?: readonly string[] | undefined
  /** `custom.serverless-offline`: the ports that the service gives it. */
  readonly offline: { readonly httpPort?: number | undefined; readonly lambdaPort?: number | undefined }
}

const environment = z.record(z.string(), z.unknown())
/** Without one: `lambdaPort: null` is a service whose functions run elsewhere. */
const port = z.union([z.null().transform(() => undefined), z.coerce.number().int().min(1).max(65_535)]).optional()

const printed = z.looseObject({
  service: z.string(),
  provider: z
    .looseObject({
      stage: z.string().optional(),
      region: z.string().optional(),
      timeout: z.unknown().optional(),
      runtime: z.string().optional(),
      environment: environment.nullish(),
    })
    .optional(),
  functions: z
    .record(
      z.string(),
      z.looseObject({
        name: z.string().optional(),
        handler: z.string().optional(),
        runtime: z.string().optional(),
        environment: environment.nullish(),
        events: z.array(z.unknown()).optional(),
        timeout: z.unknown().optional(),
        reservedConcurrency: z.unknown().optional(),
      }),
    )
    .default({}),
  custom: z
    .looseObject({
      microbatch: z
        .looseObject({
          queries: z
            .record(
              z.string(),
              z.looseObject({
                topic: z.string(),
                partitions: z.coerce.number().int().min(1).optional(),
                topics: z.record(z.string(), z.coerce.number().int().min(1)).optional(),
                consumerGroupId: z.string().optional(),
              }),
            )
            .optional(),
          leftOut: z.array(z.string()).optional(),
        })
        .optional(),
      'serverless-offline': z.looseObject({ httpPort: port, lambdaPort: port }).nullish(),
    })
    .nullish(),
  resources: z.unknown().optional(),
})

/** The names under which the framework looks for a service's definition, in its order. */
export const definitionFiles = [
  'serverless.yml',
  'serverless.yaml',
  'serverless.json',
  'serverless.js',
  'serverless.ts',
]

/**
 * @throws LocalError SETTINGS_INVALID where the file is missing, or is not a service's definition, in the framework's words
 * @example (await readServiceDefinition({ file: '/home/me/service/serverless.yml', environment: process.env })).functions
 */
export async function readServiceDefinition(source: DefinitionSource): Promise<PrintedService> {
  const { file, stage } = source
  if (!existsSync(file)) throw new LocalError('SETTINGS_INVALID', `There is no ${file}.`)
  const isPrinted = extname(file) === '.json' && !definitionFiles.includes(basename(file))
  const text = isPrinted ? await readFile(file, 'utf8') : await print(source)
  const parsed = printed.safeParse(parseJson(text, file))
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${file}: ${issuesText(parsed.error)}`)
  const { service, provider, functions, custom, resources } = parsed.data
  return {
    service,
    stage: stage ?? provider?.stage ?? 'dev',
    region: provider?.region ?? 'us-east-1',
    functions: Object.fromEntries(
      Object.entries(functions).map(
        ([key, { name, handler, runtime, environment: own, events, timeout, reservedConcurrency }]) => [
          key,
          {
            ...(name === undefined ? {} : { name }),
            ...(handler === undefined ? {} : { handler }),
            ...(runtime === undefined ? {} : { runtime }),
            ...(own === undefined || own === null ? {} : { environment: own }),
            events,
            timeout,
            reservedConcurrency,
          },
        ],
      ),
    ),
    timeout: provider?.timeout,
    runtime: provider?.runtime,
    environment: provider?.environment ?? {},
    queries: custom?.microbatch?.queries ?? {},
    leftOut: custom?.microbatch?.leftOut,
    offline: custom?.['serverless-offline'] ?? {},
    resources,
  }
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

/** Variables, includes and plugins are serverless's to resolve. */
async function print({ file, stage, environment }: DefinitionSource): Promise<string> {
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

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LocalError('SETTINGS_INVALID', `${file}: not JSON (${messageOf(error)})`, { cause: error })
  }
}
