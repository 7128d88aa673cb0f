// A version of the service's code as a folder: one that is there, or a commit, checked out by git beside the folder of the service.
// Installed packages are those of the service; packages of its own repository are the commit's.
import { execFile } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { findService, makeLocalDir, type Service } from '../cli/service/service.ts'
import { isAlive } from '../process/identity.ts'

export interface CodeFolder {
  /** The word that named it. */
  readonly name: string
  readonly service: Service
  /** Takes away what was checked out. */
  remove(): Promise<void>
}

/**
 * @param name a folder, or what git takes for a commit: a branch, a tag, `HEAD~1`
 * @throws LocalError COMMAND_INVALID where it is neither
 * @example const { service, remove } = await codeFolder('v1.2', service)
 */
export async function codeFolder(name: string, service: Service): Promise<CodeFolder> {
  if (existsSync(name) && statSync(name).isDirectory()) {
    return { name, service: findService({ dir: name, environment: {} }), remove: async () => undefined }
  }
  const git = (...words: readonly string[]) => gitIn(service.folder, words)
  const root = await git('rev-parse', '--show-toplevel').catch((error: unknown) => {
    const problem = `${printable(name)} is no folder, and no commit either, since ${service.folder} is in no git repository`
    throw new LocalError('COMMAND_INVALID', `${problem}.`, { cause: error })
  })
  const commit = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`).catch(
    (error: unknown) => {
      const problem = `${printable(name)} is neither a folder nor a commit that git knows here.`
      throw new LocalError('COMMAND_INVALID', problem, { cause: error })
    },
  )
  makeLocalDir(service)
  removeLeftovers(join(service.localDir, 'code'))
  const place = join(service.localDir, 'code', `${commit.slice(0, 12)}-${process.pid}`)
  const remove = async () => {
    await git('worktree', 'remove', '--force', place).catch(() => undefined)
    rmSync(place, { recursive: true, force: true })
    await git('worktree', 'prune').catch(() => undefined)
  }
  try {
    // Hooks of the repository are for who works in it.
    await git('-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '--detach', '--force', place, commit)
    linkOwnPackages(realpathSync(root), place, service.folder)
    const folder = join(place, relative(realpathSync(root), realpathSync(service.folder)))
    return { name, service: findService({ dir: folder, environment: {} }), remove }
  } catch (error) {
    await remove()
    if (error instanceof LocalError) throw error
    throw new LocalError('COMMAND_INVALID', `git could not check out ${printable(name)}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** What a diff left that was killed: its process is in the name. */
function removeLeftovers(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = Number(/-(\d+)$/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

async function gitIn(cwd: string, words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [...words], { cwd })
  return stdout.trim()
}

/** Links of node_modules into the repository, as workspaces make them, lead into the checked out one there. */
function linkOwnPackages(root: string, place: string, from: string): void {
  for (const modules of modulesAbove(resolve(from), root)) {
    for (const name of packagesIn(modules)) {
      const installed = join(modules, name)
      if (!lstatSync(installed).isSymbolicLink()) continue
      const target = relative(root, realpathSync(installed))
      if (target.startsWith('..') || /(^|[\\/])node_modules[\\/]/.test(target) || !existsSync(join(place, target)))
        continue
      const link = join(place, relative(root, modules), name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(place, target), link)
    }
  }
}

function* modulesAbove(from: string, root: string): Iterable<string> {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules')
    if (existsSync(modules)) yield modules
    if (folder === root || dirname(folder) === folder) return
  }
}

const packagesIn = (modules: string): readonly string[] =>
  readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((scoped) => join(name, scoped)) : [name],
  )
