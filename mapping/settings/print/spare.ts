// Preloaded into the framework's own `print` (node --import): it runs as it is, and is spared what it loads and never uses for that.
// A print that takes 350 MB and 1.2 s takes 150 MB and 0.5 s by it (docs/decisions/spared-print.md).

import { realpathSync } from 'node:fs'
import Module from 'node:module'
import { dirname, join, sep } from 'node:path'
import { isValidator, keepingCompiled } from './kept-validator.ts'
import { standInFor } from './stand-ins.ts'

/** Node's loader of CommonJS, which has no documented face for this. Where it were another, nothing is spared. */
interface Loader {
  _load?: (
    this: unknown,
    request: string,
    parent: { readonly filename?: string } | undefined,
    isMain: boolean,
  ) => unknown
  readonly prototype: { _compile?: (this: Module, code: string, filename: string, ...rest: unknown[]) => unknown }
}

const loader = Module as unknown as Loader
const { _load: load } = loader
const { _compile: compile } = loader.prototype

/** `node_modules/serverless`, in which `bin/serverless.js` is. */
const framework = dirname(dirname(realpathSync(process.argv[1] ?? '.')))

/** What plugins load themselves is what they get. */
function isOfFramework(file: string): boolean {
  return file.startsWith(framework + sep) && !file.startsWith(join(framework, 'node_modules') + sep)
}

if (load !== undefined)
  loader._load = function (request, parent, isMain) {
    const spared = isOfFramework(parent?.filename ?? '') ? standInFor(request) : undefined
    return spared ?? load.call(this, request, parent, isMain)
  }

if (compile !== undefined)
  loader.prototype._compile = function (code, filename, ...rest) {
    return isValidator(filename) ? keepingCompiled(this, code, filename) : compile.call(this, code, filename, ...rest)
  }
