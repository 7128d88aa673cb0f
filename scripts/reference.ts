// The API reference of the packages, as HTML: `npm run docs` puts it in .local/reference/html. TypeDoc is no package of this repository,
// since it wants a TypeScript older than ours beside it: it is installed by scripts/reference/ into a folder of its own, once.

import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const projectDir = join(import.meta.dirname, '..')
const folder = join(projectDir, '.local/reference')
const manifests = ['package.json', 'package-lock.json'] as const

/** What other projects import, by the names of the packages' exports. */
const entryPoints = [
  'lib/index.ts',
  'lib/testing/index.ts',
  'lib/lambda/index.ts',
  'lib/kafka/index.ts',
  'mapping/events/index.ts',
]

function install(): void {
  const own = join(import.meta.dirname, 'reference')
  const stamp = join(folder, 'installed')
  const wanted = readFileSync(join(own, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of manifests) copyFileSync(join(own, name), join(folder, name))
  console.log('Installing TypeDoc …')
  execFileSync('npm', ['ci', '--loglevel=error'], { cwd: folder, stdio: 'inherit' })
  writeFileSync(stamp, wanted)
}

/** @returns the folder of the pages @throws Error where TypeDoc finds a fault, a link to nowhere for one */
function makeReference(): string {
  const html = join(folder, 'html')
  const tsconfig = join(folder, 'tsconfig.json')
  const config = {
    extends: join(projectDir, 'tsconfig.json'),
    compilerOptions: { typeRoots: [join(projectDir, 'node_modules/@types')] },
    files: entryPoints.map((file) => join(projectDir, file)),
    include: [],
  }
  writeFileSync(tsconfig, JSON.stringify(config))
  const options = ['--tsconfig', tsconfig, '--out', html, '--name', 'microbatch', '--basePath', projectDir]
  const strict = ['--treatWarningsAsErrors', '--disableSources', '--readme', 'none', '--logLevel', 'Warn']
  const typedoc = join(folder, 'node_modules/typedoc/bin/typedoc')
  const points = entryPoints.flatMap((file) => ['--entryPoints', join(projectDir, file)])
  execFileSync(process.execPath, [typedoc, ...options, ...strict, ...points], { cwd: projectDir, stdio: 'inherit' })
  return html
}

install()
console.log(join(makeReference(), 'index.html'))
