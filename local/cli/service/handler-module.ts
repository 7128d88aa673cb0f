// The module of a function's handler, in this process: bundled by esbuild, as a deployment bundles it, so that TypeScript of any
// style runs on every Node; packages stay outside, and are those of the service. Its environment is the function's own.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { functionOf } from './definition.ts'
import { functionEnvironment, withoutAwsAccount } from './environment.ts'
import { makeLocalDir, type Service } from './service.ts'

/** In the order in which they are looked for. */
const extensions = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']

export interface HandlerModule {
  /** For messages, from the service's folder: `handlers/consumer.ts`. */
  readonly file: string
  /** What the handler is called in it: `bars`. */
  readonly handlerName: string
  readonly exports: Readonly<Record<string, unknown>>
}

/**
 * Loads it; this process then has the function's environment.
 * @param overrides of the environment, after the function's own
 * @throws LocalError SETTINGS_INVALID where there is no such module, or in the words in which it refuses its environment
 * @example const { exports, handlerName } = await loadHandlerModule(service, definition, 'totals')
 */
export async function loadHandlerModule(
  service: Service,
  definition: PrintedService,
  functionKey: string,
  overrides: Readonly<Record<string, string>> = {},
): Promise<HandlerModule> {
  const definedFunction = functionOf(definition, functionKey)
  const { path, name } = splitHandler(functionKey, definedFunction.handler)
  const extension = extensions.find((it) => existsSync(join(service.folder, `${path}.${it}`)))
  if (extension === undefined) {
    const runtime = definedFunction.runtime ?? definition.runtime ?? 'unknown'
    const problem = `functions.${functionKey}.handler: there is no ${path}.ts, .js or the like in ${service.folder}`
    throw new LocalError('SETTINGS_INVALID', `${problem} (its runtime is ${runtime}; only Node runs in this process).`)
  }
  const file = `${path}.${extension}`
  become({ ...withoutAwsAccount(given), ...functionEnvironment(definition, definedFunction), ...overrides })
  const bundled = pathToFileURL(await bundle(service, file))
  // Functions of one module, each with an environment of its own, are modules of their own.
  bundled.searchParams.set('function', functionKey)
  return { file, handlerName: name, exports: await load(bundled.href, file) }
}

/** The environment in which the command was called. */
const given = { ...process.env }

function become(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
}

/** Lambda takes the first dot after the last slash for the end of the module's path. */
function splitHandler(functionKey: string, handler: string | undefined) {
  const [, path, name] = /^((?:.*\/)?[^/.]+)\.([^/]+)$/.exec(handler ?? '') ?? []
  if (path !== undefined && name !== undefined) return { path, name }
  const problem = `functions.${functionKey}.handler is ${handler ?? 'missing'}; expected a path and a name`
  throw new LocalError('SETTINGS_INVALID', `${problem}, such as handlers/consumer.${functionKey}.`)
}

/** Always below the service's own folder, from where its packages are found. @returns the bundle's path */
async function bundle({ folder }: Service, file: string): Promise<string> {
  const name = createHash('sha256').update(file).digest('hex').slice(0, 12)
  const localDir = join(folder, '.local')
  const outfile = join(localDir, 'modules', `${name}.mjs`)
  makeLocalDir({ localDir })
  const { build } = await import('esbuild') // most commands do without
  try {
    await build({
      absWorkingDir: folder,
      entryPoints: [file],
      outfile,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node22',
      sourcemap: 'inline',
      logLevel: 'silent',
      // CommonJS in the bundle asks for its packages by this.
      banner: {
        js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
      },
    })
  } catch (error) {
    throw new LocalError('SETTINGS_INVALID', `${relative(process.cwd(), join(folder, file))}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  return outfile
}

async function load(url: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const module: Readonly<Record<string, unknown>> = await import(url)
    // What a CommonJS module exports is the default of its bundle.
    const { default: whole } = module
    const isCommonJs = Object.keys(module).length === 1 && typeof whole === 'object' && whole !== null
    return isCommonJs ? { ...whole } : module
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new LocalError('SETTINGS_INVALID', `${file}: ${error.message}`, { cause: error })
  }
}
