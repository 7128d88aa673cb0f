// The tools of the rehearsals, installed into .local/rehearsal by the files that stand here: requirements*.txt for Python's,
// runtime-client/package.json for AWS's runtime client. What is installed already and unchanged is left alone.

import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { run, workDir } from './process.ts'

/** @returns the folder of the tools: `moto_server`, `cfn-lint`, `python` */
export const pythonTools = (): Promise<string> => pythonEnvironment('venv', 'requirements.txt')

/** @returns the program `python`, which can import duckdb */
export const duckdbPython = async (): Promise<string> =>
  join(await pythonEnvironment('duckdb', 'requirements-duckdb.txt'), 'python')

/** @returns the program `checkov` */
export const checkov = async (): Promise<string> =>
  join(await pythonEnvironment('checkov', 'requirements-checkov.txt'), 'checkov')

/** @returns a virtual environment as a team has it, with what its requirements name: what VIRTUAL_ENV is after `activate` */
export const teamsPython = async (requirementsFile: string): Promise<string> =>
  dirname(await pythonEnvironment('python-team', requirementsFile))

/** @returns the folder of the programs that the requirements bring */
async function pythonEnvironment(name: string, requirementsFile: string): Promise<string> {
  const environment = join(workDir, name)
  const requirements = join(import.meta.dirname, requirementsFile)
  await once(name, readFileSync(requirements, 'utf8'), async () => {
    rmSync(environment, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', environment])
    const install = ['-m', 'pip', 'install', '--quiet', '-r', requirements]
    await run(join(environment, 'bin/python'), install, { timeoutMs: 300_000 })
  })
  return join(environment, 'bin')
}

/** @returns the file to run under Node: AWS's runtime client, whose native half is built here (a minute or three) */
export async function runtimeClient(): Promise<string> {
  const folder = join(workDir, 'ric')
  const own = join(import.meta.dirname, 'runtime-client')
  const lock = readFileSync(join(own, 'package-lock.json'), 'utf8')
  await once('ric', lock, async () => {
    const python = await pythonTools()
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(own, file), join(folder, file))
    const env = { ...process.env, ...nodeHeaders(), PATH: `${process.env.PATH}${delimiter}${python}` }
    await run('npm', ['ci', '--loglevel=error'], { cwd: folder, env, timeoutMs: 500_000 })
  })
  return join(folder, 'node_modules/aws-lambda-ric/index.mjs')
}

/**
 * The native half needs the headers of Node-API, any version of Node's: those beside the Node that npm runs under, where they
 * are; else node-gyp fetches them from Node's own site.
 */
function nodeHeaders(): NodeJS.ProcessEnv {
  const folders = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  const prefix = folders
    .filter((node) => existsSync(node))
    .map((node) => dirname(dirname(realpathSync(node))))
    .find((folder) => existsSync(join(folder, 'include/node/node_api.h')))
  return prefix === undefined || process.env.npm_config_nodedir !== undefined ? {} : { npm_config_nodedir: prefix }
}

/** Runs `install` unless it was done for this very content; a half-done one is done again. */
async function once(name: string, content: string, install: () => Promise<void>): Promise<void> {
  mkdirSync(workDir, { recursive: true })
  const stamp = join(workDir, `${name}.installed`)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === content) return
  rmSync(stamp, { force: true })
  console.log(`Installing ${name} …`)
  await install()
  writeFileSync(stamp, content)
}
