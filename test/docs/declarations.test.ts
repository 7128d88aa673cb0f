// The types of the package as a stranger's compiler reads them: strict, every declaration file checked, and none of the
// optional peers installed.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const projectDir = join(import.meta.dirname, '../..')
const compilers = { 7: 'node_modules/typescript/bin/tsc', 5.9: 'node_modules/typescript-5.9/bin/tsc' }
let folder: string

const compile = (compiler: string, words: readonly string[]): string => {
  try {
    return execFileSync(process.execPath, [join(projectDir, compiler), ...words], { cwd: folder, encoding: 'utf8' })
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-types-'))
  const installed = join(folder, 'node_modules/microbatch')
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(join(projectDir, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'))
  const build = {
    extends: join(projectDir, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rewriteRelativeImportExtensions: true,
      rootDir: projectDir,
      outDir: join(installed, 'dist'),
      typeRoots: [join(projectDir, 'node_modules/@types')],
    },
    include: [join(projectDir, 'lib')],
  }
  writeFileSync(join(folder, 'build.json'), JSON.stringify(build))
  expect(compile(compilers[7], ['--project', 'build.json'])).toBe('')
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(join(projectDir, 'lib/package.json'), 'utf8'))
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ ...manifest, ...publishConfig }))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', types: ['node'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['uses.ts'] }))
  const source = `import * as main from 'microbatch'
import * as testing from 'microbatch/testing'
export const everything = { ...main, ...testing }
export const state: main.StateStore = main.dynamoState({ table: 'bars' })
`
  writeFileSync(join(folder, 'uses.ts'), source)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(Object.entries(compilers))(
  'compile strictly under TypeScript %s, without the optional peers',
  (_, compiler) => {
    expect(compile(compiler, ['--project', 'tsconfig.json'])).toBe('')
  },
)
