// The version of this package: the file lies one folder above the sources, and two above what is built.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @example packageVersion() // '0.2.0' */
export function packageVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(manifestAbove(import.meta.dirname), 'utf8'))
  return manifest.version
}

function manifestAbove(folder: string): string {
  const file = join(folder, 'package.json')
  return existsSync(file) || dirname(folder) === folder ? file : manifestAbove(dirname(folder))
}
