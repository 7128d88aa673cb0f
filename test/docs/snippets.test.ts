// What the pages show in TypeScript compiles, passes where it is a test, and prints what stands below it.

import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { namelessIn, snippetsOf } from './snippets.ts'

const projectDir = resolve(import.meta.dirname, '../..')
const pages = ['README.md', 'infra/README.md', 'lib/README.md', ...pagesOf('docs')]
const snippets = pages.flatMap((page) => snippetsOf(read(page)).map((snippet) => ({ page, ...snippet })))
/** Pages whose excerpts are compared with the sources that they are taken from, by tests of their own. */
const excerpts = new Set([
  'README.md',
  'docs/windows.md',
  'docs/stateful-operators.md',
  'docs/joins.md',
  'docs/custom-state.md',
])
let folder: string

function pagesOf(where: string): readonly string[] {
  return readdirSync(join(projectDir, where))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(where, name))
}

function read(page: string): string {
  return readFileSync(join(projectDir, page), 'utf8')
}

const folderOf = (page: string) => join(folder, page.replaceAll('/', '-'))

beforeAll(() => {
  mkdirSync(join(projectDir, '.local'), { recursive: true })
  // Inside the project: `microbatch` is found there, as a workspace.
  folder = mkdtempSync(join(projectDir, '.local/snippets-'))
  for (const { page, file, source } of snippets) {
    mkdirSync(folderOf(page), { recursive: true })
    writeFileSync(join(folderOf(page), file), source)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('each block of TypeScript has a file name, so that it is compiled', () => {
  const nameless = pages.filter((page) => !excerpts.has(page) && namelessIn(read(page)).length > 0)
  expect(nameless).toEqual([])
})

test('each compiles, as strictly as the sources', () => {
  const tsconfig = join(folder, 'tsconfig.json')
  writeFileSync(tsconfig, JSON.stringify({ extends: join(projectDir, 'tsconfig.json'), include: ['**/*.ts'] }))
  const tsc = join(projectDir, 'node_modules/typescript/bin/tsc')
  let said = ''
  try {
    execFileSync(process.execPath, [tsc, '--project', tsconfig], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  }
  expect(said).toBe('')
})

const run = (page: string, words: readonly string[]) =>
  promisify(execFile)(process.execPath, words, { cwd: folderOf(page), encoding: 'utf8' })

test.each(snippets.filter(({ printed }) => printed !== undefined))(
  '$page: $file prints what stands below it',
  async ({ page, file, printed }) => {
    expect((await run(page, [file])).stdout).toBe(printed)
  },
)

test.each(snippets.filter(({ file }) => basename(file).endsWith('.test.ts')))(
  '$page: $file passes',
  async ({ page, file }) => {
    expect((await run(page, ['--test', file])).stdout).toMatch(/^(ℹ|#) fail 0$/m)
  },
)
