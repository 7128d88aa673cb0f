// Makes the package of mapping/ for other projects: JavaScript and types by tsc (Node refuses .ts under node_modules), and a
// tarball by npm pack. `npm run package [FOLDER]` puts it in FOLDER, .local/package by default; nothing is published.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const projectDir = join(import.meta.dirname, '..')
const source = join(projectDir, 'mapping')

/** @returns the path of the tarball */
export function buildPackage(folder: string): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const tsc = join(projectDir, 'node_modules/.bin/tsc')
  const words = ['--project', join(source, 'tsconfig.json'), '--outDir', join(folder, 'dist')]
  execFileSync(tsc, words, { cwd: projectDir, stdio: ['ignore', 'inherit', 'inherit'] })
  copyFileSync(join(source, 'package.json'), join(folder, 'package.json'))
  copyFileSync(join(source, 'README.md'), join(folder, 'README.md'))
  copyFileSync(join(projectDir, 'LICENSE'), join(folder, 'LICENSE'))
  const packed = execFileSync('npm', ['pack', '--json', '--loglevel=error'], { cwd: folder, encoding: 'utf8' })
  const [entry]: ReadonlyArray<{ readonly filename: string }> = JSON.parse(packed)
  if (entry === undefined) throw new Error(`npm pack made nothing: ${packed}`)
  return join(folder, entry.filename)
}

if (import.meta.main) console.log(buildPackage(resolve(process.argv[2] ?? join(projectDir, '.local/package'))))
