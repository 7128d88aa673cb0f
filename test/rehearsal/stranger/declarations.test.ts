// The types of the package as a stranger's compiler reads them: strict, every declaration file checked, and none of the
// optional peers installed.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const projectDir = join(import.meta.dirname, '../../..')
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

/** A project of one file, which its declarations are written beside. */
function projectOf(file: string): string {
  const name = `${file}.json`
  const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true }
  writeFileSync(join(folder, name), JSON.stringify({ extends: './tsconfig.json', compilerOptions, files: [file] }))
  return name
}

const query = `import { avg, count, double, long, stream, string, struct, sum, timestamp, window, windowTime } from 'microbatch'
const Tick = struct({ symbol: string(), price: double(), volume: long().nullable(), at: timestamp() })
const ticks = stream('q').rows(Tick).withWatermark('at', '1 second')
const bars = ticks.groupBy(window('at', '10 seconds'), 'symbol').agg({ ticks: count(), volume: sum('volume') })
`

test('an error names the columns that there are', () => {
  const wrong = `${query}
ticks.select('amount')
ticks.groupBy('symbol').agg({ total: sum('amount') })
ticks.groupBy('symbol').agg({ mean: avg('symbol') })
ticks.groupBy(window('symbol', '10 seconds'))
ticks.withWatermark('symbol', '1 second')
ticks.dropDuplicates('amount')
bars.groupBy(window('symbol', '1 minute'))
bars.withColumn('time', windowTime('ticks'))
`
  writeFileSync(join(folder, 'wrong.ts'), wrong)
  const lines = compile(compilers[7], ['--project', projectOf('wrong.ts')])
    .trimEnd()
    .split('\n')
  // What says it is the last line of each error.
  const said = lines.filter((_, i) => !/^ /.test(lines[i + 1] ?? 'wrong'))
  expect(said.map((line) => line.replace(/^.*?(?=Argument of|Type ')/, '').slice(0, 90))).toEqual([
    `Argument of type '"amount"' is not assignable to parameter of type '"at" | "price" | "symb`,
    `Type '"amount"' is not assignable to type '"at" | "price" | "volume" | NumberOf<{ readonly`,
    `Type '"symbol"' is not assignable to type '"at" | "price" | "volume" | NumberOf<{ readonly`,
    `Type '"symbol"' is not assignable to type '"at" | "price" | "volume"'.`,
    `Argument of type '"symbol"' is not assignable to parameter of type '"at" | "price" | "volu`,
    `Argument of type '"amount"' is not assignable to parameter of type '"at" | "price" | "symb`,
    `Type '"symbol"' is not assignable to type '"ticks" | "volume" | "window"'.`,
    `Type '"ticks"' is not assignable to type '"window"'.`,
  ])
})

test('rows are shown as their columns', () => {
  writeFileSync(
    join(folder, 'shown.ts'),
    `${query}export const shown = bars.withColumn('time', windowTime('window')).drop('window')\n`,
  )
  compile(compilers[7], ['--project', projectOf('shown.ts')])
  expect(
    readFileSync(join(folder, 'shown.d.ts'), 'utf8'),
  ).toBe(`export declare const shown: import("microbatch").Stream<{
    readonly symbol: string;
    readonly ticks: number;
    readonly time: number;
    readonly volume: number | null;
}, {
    readonly symbol: string;
    readonly price: number;
    readonly volume: number | null;
    readonly at: number;
}, {
    readonly symbol: string;
    readonly window: import("microbatch").TimeWindow;
}>;
`)
})
