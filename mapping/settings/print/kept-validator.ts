// The framework's schemas are one generated function of eight megabytes, which checks a definition and gives its values their types. V8
// takes 90 MB and 160 ms to compile it, each time anew: Node's compile cache holds no function that is compiled when it is first called.
// What came of it is kept beside that cache, with all that has run.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import Module, { createRequire, getCompileCacheDir } from 'node:module'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** Each set of plugins has a schema of its own, and each is 12 MB compiled. */
const maxKept = 4
const prefix = 'validator-'

/** The name that osls and Serverless 3 give to code that has no file. */
export const isValidator = (filename: string): boolean => filename.includes('[generated-ajv-validate]')

/** Does what `module._compile(code, filename)` does. */
export function keepingCompiled(module: Module, code: string, filename: string): void {
  // It is of this version of Node, and there is none where the environment forbids it.
  const folder = getCompileCacheDir()
  const kept = folder && join(folder, `${prefix}${createHash('sha256').update(code).digest('hex').slice(0, 16)}`)
  const cachedData = kept && read(kept)
  const script = new Script(Module.wrap(code), { filename, ...(cachedData && { cachedData }) })
  script
    .runInThisContext()
    .call(module.exports, module.exports, createRequire(filename), module, filename, dirname(filename))
  // When all has run that runs.
  if (folder && kept && (cachedData === undefined || script.cachedDataRejected === true))
    process.once('exit', () => keep(folder, kept, script.createCachedData()))
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

/** Another process may be reading it. It is only for speed: a full disk is no reason to fail. */
function keep(folder: string, file: string, compiled: Buffer): void {
  try {
    const partial = `${file}.${process.pid}`
    writeFileSync(partial, compiled, { mode: 0o600 })
    renameSync(partial, file)
    const all = readdirSync(folder).filter((name) => name.startsWith(prefix))
    const newestFirst = all.map((name) => join(folder, name)).sort((one, other) => writtenAt(other) - writtenAt(one))
    for (const old of newestFirst.slice(maxKept)) rmSync(old, { force: true })
  } catch {
    // The next print tries again.
  }
}

const writtenAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
