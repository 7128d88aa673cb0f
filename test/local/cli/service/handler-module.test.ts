import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadHandlerModule } from '../../../../local/cli/service/handler-module.ts'
import { findService } from '../../../../local/cli/service/service.ts'
import type { PrintedFunction, PrintedService } from '../../../../mapping/settings/service-definition.ts'

let folder: string
const before = { ...process.env }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-module-'))
  mkdirSync(join(folder, 'src/deep'), { recursive: true })
  writeFileSync(join(folder, 'serverless.yml'), '')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  Object.assign(process.env, before)
})

const load = (key: string, functions: Readonly<Record<string, PrintedFunction>>, environment = {}) => {
  const definition: PrintedService = {
    ...{ service: 'demo', stage: 'dev', region: 'eu-west-1', functions, environment },
    ...{ runtime: 'nodejs24.x', queries: {}, offline: {} },
  }
  return loadHandlerModule(findService({ dir: folder, environment: {} }), definition, key)
}
const write = (file: string, text: string) => writeFileSync(join(folder, file), text)

test('a service is found from a folder in it, under each of its names', () => {
  const inside = findService({ dir: join(folder, 'src/deep'), environment: { LOCAL_DIR: 'data' } })
  expect(inside).toMatchObject({ folder, localDir: join(folder, 'data') })
  rmSync(join(folder, 'serverless.yml'))
  write('serverless.ts', '')
  expect(findService({ dir: folder, environment: {} }).definitionFile).toBe(join(folder, 'serverless.ts'))
})

test('TypeScript of any style runs, with what it imports by relative paths', async () => {
  write('src/deep/mode.ts', 'export enum Mode { on = "ON" }')
  write(
    'src/handler.ts',
    "import { Mode } from './deep/mode'\nexport class H { constructor(readonly mode = Mode.on) {} }\nexport const run = () => new H().mode",
  )
  const { exports, file, handlerName } = await load('f', { f: { handler: 'src/handler.run' } })
  expect({ file, handlerName }).toEqual({ file: 'src/handler.ts', handlerName: 'run' })
  const { run } = exports
  expect(typeof run === 'function' && run()).toBe('ON')
  expect(statSync(join(folder, '.local')).mode & 0o777).toBe(0o700)
})

test('CommonJS runs, and its exports have their names', async () => {
  write('src/handler.js', "const { sep } = require('node:path')\nexports.run = () => sep\nexports.fQuery = 1")
  const { exports } = await load('f', { f: { handler: 'src/handler.run' } })
  expect(exports).toMatchObject({ fQuery: 1, run: expect.any(Function) })
})

test('functions of one module each have an environment of their own, and none of an AWS account', async () => {
  write(
    'handler.mjs',
    'const { SHARED, OWN = "none", AWS_PROFILE } = process.env\nexport const seen = { SHARED, OWN, AWS_PROFILE }',
  )
  process.env.AWS_PROFILE = 'mine'
  const functions = { a: { handler: 'handler.a', environment: { OWN: 'a' } }, b: { handler: 'handler.b' } }
  expect((await load('a', functions, { SHARED: 1 })).exports.seen).toEqual({ SHARED: '1', OWN: 'a' })
  expect((await load('b', functions, { SHARED: 1 })).exports.seen).toEqual({ SHARED: '1', OWN: 'none' })
})

test('what cannot be loaded is said in a line with its place', async () => {
  await expect(load('f', { f: { handler: 'src/none.run', runtime: 'python3.13' } })).rejects.toThrow(
    /functions\.f\.handler: there is no src\/none\.ts, .*python3\.13/,
  )
  await expect(load('f', { f: {} })).rejects.toThrow('functions.f.handler is missing')
  write('broken.ts', 'export const run = (')
  await expect(load('f', { f: { handler: 'broken.run' } })).rejects.toThrow(/broken\.ts.*Unexpected/s)
  write('refusing.ts', 'throw Object.assign(new Error("WINDOW is wrong"), { code: "CONFIG_INVALID" })')
  await expect(load('f', { f: { handler: 'refusing.run' } })).rejects.toThrow('refusing.ts: WINDOW is wrong')
})

test("a package of the service's own repository goes in, whatever its TypeScript; an installed one stays outside", async () => {
  mkdirSync(join(folder, 'packages/money'), { recursive: true })
  write('packages/money/index.ts', "import { Currency } from './currency'\nexport const euro = Currency.Euro")
  write('packages/money/currency.ts', 'export enum Currency { Euro = "EUR" }')
  mkdirSync(join(folder, 'node_modules/@shop'), { recursive: true })
  symlinkSync(join(folder, 'packages/money'), join(folder, 'node_modules/@shop/money'))
  write('packages/money/package.json', '{ "name": "@shop/money", "main": "index.ts" }')
  mkdirSync(join(folder, 'node_modules/installed'))
  write('node_modules/installed/package.json', '{ "name": "installed", "main": "index.js" }')
  write('node_modules/installed/index.js', 'exports.place = __filename')
  write('handler.ts', "export { euro } from '@shop/money'\nexport { place } from 'installed'")
  const { exports } = await load('f', { f: { handler: 'handler.euro' } })
  expect(exports).toMatchObject({ euro: 'EUR', place: join(realpathSync(folder), 'node_modules/installed/index.js') })
  write('handler.ts', "import 'left-out'")
  await expect(load('g', { g: { handler: 'handler.euro' } })).rejects.toThrow(
    'handler.ts: handler.ts imports left-out, which is not installed: npm install left-out',
  )
})
