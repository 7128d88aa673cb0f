// The tools of the rehearsals, installed into .local/rehearsal by the files that stand here: requirements.txt for Python's,
// runtime-client/package.json for AWS's runtime client. What is installed already and unchanged is left alone.

import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { run, workDir } from './process.ts'

const venv = join(workDir, 'venv')

/** @returns the folder of the tools: `moto_server`, `cfn-lint`, `python` */
export async function pythonTools(): Promise<string> {
  const requirements = join(import.meta.dirname, 'requirements.txt')
  await once('venv', readFileSync(requirements, 'utf8'), async () => {
    rmSync(venv, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', venv])
    await run(join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '-r', requirements], { timeoutMs: 300_000 })
  })
  return join(venv, 'bin')
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
