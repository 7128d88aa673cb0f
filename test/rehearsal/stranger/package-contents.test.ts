// The tarballs as the tools of the field judge them, publint and "are the types wrong", and what a registry shows of them.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildPackages, type PackageName } from '../../../scripts/package.ts'

const projectDir = join(import.meta.dirname, '../../..')
const names = ['microbatch', 'serverless-offline-kafka-mapping', 'microbatch-local'] as const
let folder: string
let tarballs: ReadonlyMap<PackageName, string>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-contents-'))
  tarballs = buildPackages(folder)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function judge(tool: string, words: readonly string[]): string {
  const program = join(projectDir, 'node_modules', tool)
  try {
    return execFileSync(process.execPath, [program, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    // Both say what is wrong on stdout.
    throw new Error(error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error))
  }
}

describe.each(names)('the tarball of %s', (name) => {
  const tarball = () => tarballs.get(name) ?? ''
  const unpacked = () => dirname(tarball())
  const files = () => execFileSync('tar', ['tzf', tarball()], { encoding: 'utf8' }).trimEnd().split('\n')

  test('is clean for publint', () => {
    expect(judge('publint/src/cli.js', [tarball(), '--strict'])).toContain('All good!')
  })

  test('has types that resolve for every module that it exports', () => {
    // It prints a table of ticks where all is well; what is wrong ends it with another code.
    judge('@arethetypeswrong/cli/dist/index.js', [tarball(), '--profile', 'esm-only', '--no-emoji'])
  })

  test('says what it is, where it comes from, and which Node it needs', () => {
    const manifest = JSON.parse(readFileSync(join(unpacked(), 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      name,
      version: '0.2.0',
      license: 'MIT',
      type: 'module',
      engines: { node: '>=22.15' },
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:/), directory: expect.any(String) },
    })
    expect(manifest).not.toHaveProperty('publishConfig')
    expect(readFileSync(join(unpacked(), 'CHANGELOG.md'), 'utf8')).toContain(`## ${manifest.version}`)
    expect(files()).toEqual(expect.arrayContaining(['package/README.md', 'package/LICENSE', 'package/CHANGELOG.md']))
  })

  test('has what its documents link to', () => {
    const inside = new Set(files())
    const documents = [...inside].filter((file) => file.endsWith('.md'))
    const broken = documents.flatMap((file) => {
      const text = readFileSync(join(unpacked(), file.replace('package/', '')), 'utf8')
      const links = Array.from(text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g), ([, link = '']) =>
        join(dirname(file), link),
      )
      return links.filter((link) => !inside.has(link))
    })
    expect(broken).toEqual([])
  })

  test('has a source map and types beside each module, and no source of ours but in them', () => {
    const inside = new Set(files())
    // Those of the page go to a browser as they are.
    const modules = [...inside].filter((file) => file.endsWith('.js') && !file.includes('/page/static/'))
    expect(modules.length).toBeGreaterThan(10)
    const beside = (file: string) => [`${file}.map`, file.replace(/\.js$/, '.d.ts')]
    expect(modules.flatMap(beside).filter((file) => !inside.has(file))).toEqual([])
    expect([...inside].filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([])
  })
})
