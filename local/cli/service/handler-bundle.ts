// The module of a function's handler as one file, bundled by esbuild as a deployment bundles it, so that TypeScript of any style
// runs on every Node. Installed packages stay outside of it, and are those of the service; the packages of its own repository are
// source code as the handler is, and go in.
import { createHash } from 'node:crypto'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { functionOf } from './definition.ts'
import { makeLocalDir, type Service } from './service.ts'

/** In the order in which they are looked for. */
const extensions = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs']

export interface HandlerBundle {
  /** For messages, from the service's folder: `handlers/consumer.ts`. */
  readonly file: string
  /** What the handler is called in it: `totals`. */
  readonly handlerName: string
  /** To be imported; functions of one module each have one of their own. */
  readonly url: string
}

/**
 * @throws LocalError SETTINGS_INVALID where there is no such module, or it cannot be bundled
 * @example (await bundleHandler(service, definition, 'totals')).url
 */
export async function bundleHandler(
  service: Service,
  definition: PrintedService,
  functionKey: string,
): Promise<HandlerBundle> {
  const { handler, runtime = definition.runtime } = functionOf(definition, functionKey)
  const { path, name } = splitHandler(functionKey, handler)
  const extension = extensions.find((it) => existsSync(join(service.folder, `${path}.${it}`)))
  if (extension === undefined) {
    const problem = `functions.${functionKey}.handler: there is no ${path}.ts, .js or the like in ${service.folder}`
    throw new LocalError('SETTINGS_INVALID', `${problem} (its runtime is ${runtime}; only Node runs in this process).`)
  }
  const file = `${path}.${extension}`
  const url = pathToFileURL(await usingBundler(() => bundle(service, file)))
  url.searchParams.set('function', functionKey)
  return { file, handlerName: name, url: url.href }
}

/** Lambda takes the first dot after the last slash for the end of the module's path. */
function splitHandler(functionKey: string, handler: string | undefined) {
  const [, path, name] = /^((?:.*\/)?[^/.]+)\.([^/]+)$/.exec(handler ?? '') ?? []
  if (path !== undefined && name !== undefined) return { path, name }
  const problem = `functions.${functionKey}.handler is ${handler ?? 'missing'}; expected a path and a name`
  throw new LocalError('SETTINGS_INVALID', `${problem}, such as handlers/consumer.${functionKey}.`)
}

let numUsing = 0

/**
 * esbuild keeps a process from one bundle to the next, of 15 MB and more. It is ended when the outermost of these is done.
 * @example await usingBundler(async () => [await bundleHandler(service, definition, 'bars'), await bundleHandler(service, definition, 'tape')])
 */
export async function usingBundler<Result>(work: () => Promise<Result>): Promise<Result> {
  const { stop } = await import('esbuild') // most commands do without
  numUsing += 1
  try {
    return await work()
  } finally {
    numUsing -= 1
    if (numUsing === 0) await stop()
  }
}

/** Always below the service's own folder, from where its packages are found. @returns the bundle's path */
async function bundle({ folder }: Service, file: string): Promise<string> {
  const localDir = join(folder, '.local')
  makeLocalDir({ localDir })
  const outfile = join(localDir, `module-${createHash('sha256').update(file).digest('hex').slice(0, 12)}.mjs`)
  const { build } = await import('esbuild')
  const missing = new Map<string, string>()
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [file],
      outfile,
      write: false,
      bundle: true,
      plugins: [installedPackagesOutside(missing)],
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
    const [name, importer = file] = [...missing].at(0) ?? []
    if (name !== undefined)
      throw new Error(
        `${relative(folder, importer)} imports ${name}, which is not installed: npm install ${name}, or correct the name`,
      )
    // Another command may be reading it.
    const partial = `${outfile}.${process.pid}`
    writeFileSync(partial, outputFiles[0]?.contents ?? '', { mode: 0o600 })
    renameSync(partial, outfile)
    return outfile
  } catch (error) {
    const place = relative(process.cwd(), join(folder, file))
    throw new LocalError('SETTINGS_INVALID', `${place}: ${messageOf(error)}`, { cause: error })
  }
}

const isAsked = Symbol('a plugin that asks esbuild is asked itself')

/**
 * A workspace's package is a link to a folder beside the service, and may be TypeScript that Node does not run: no file of it is in
 * node_modules. `microbatch` is never in the bundle: kept state is compared by the service's own.
 * @param missing takes the names that a statement imports and nobody has installed; what is imported otherwise is Node's to say
 */
const installedPackagesOutside = (missing: Map<string, string>): Plugin => ({
  name: 'installed-packages-outside',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, kind, importer, resolveDir }) => {
      if (pluginData === isAsked || kind === 'entry-point') return undefined
      if (/^microbatch(\/|$)/.test(path)) return { path, external: true }
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: isAsked })
      if (found.errors.length > 0 && kind === 'import-statement') missing.set(packageOf(path), importer)
      const isSource = found.errors.length === 0 && !found.external && !/[\\/]node_modules[\\/]/.test(found.path)
      return isSource ? found : { path, external: true }
    })
  },
})

/** @example packageOf('@aws-sdk/client-s3/commands') // '@aws-sdk/client-s3' */
const packageOf = (path: string): string => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path
