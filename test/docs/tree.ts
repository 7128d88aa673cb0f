// The files of the repository: what a document or a comment may name. What is installed, built or kept by a run is none of them.

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const projectDir = resolve(import.meta.dirname, '../..')

const others = new Set(['node_modules', '.git', '.local', '.esbuild', '.serverless', 'coverage'])

/** From the project's folder, with slashes. */
export const files: readonly string[] = filesIn('')

function filesIn(folder: string): readonly string[] {
  return readdirSync(join(projectDir, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return others.has(entry.name) ? [] : filesIn(path)
    return entry.isFile() ? [path] : []
  })
}

export const markdown = files.filter((file) => file.endsWith('.md'))

export const read = (file: string): string => readFileSync(join(projectDir, file), 'utf8')

const endings = new Set(files.flatMap((file) => file.split('/').map((_, i, parts) => parts.slice(i).join('/'))))

/** Whether a file is called so, by its path or by the end of it. @example isNamed('row-reader.ts') // true */
export const isNamed = (name: string): boolean => endings.has(name)
