// esbuild keeps a process of 90 MB from one bundle to the next. Where serverless-esbuild keeps nothing in it (`skipRebuild`), that
// process is ended once the handlers are bundled; the first save starts another.

import { createRequire } from 'node:module'
import { join } from 'node:path'

interface Bundler {
  readonly stop?: () => unknown
}

/**
 * @param options `custom.esbuild`
 * @param loadFrom finds the esbuild that serverless-esbuild uses
 */
export async function endIdleBundler(
  serviceDir: string,
  options: unknown,
  loadFrom: (serviceDir: string) => Bundler = esbuildOf,
): Promise<void> {
  const keepsNothing = typeof options === 'object' && options !== null && Reflect.get(options, 'skipRebuild') === true
  if (keepsNothing) await loadFrom(serviceDir).stop?.()
}

function esbuildOf(serviceDir: string): Bundler {
  const ofService = createRequire(join(serviceDir, 'package.json'))
  return createRequire(ofService.resolve('serverless-esbuild'))('esbuild')
}
