import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkHandlers } from '../../../../local/cli/service/handler-check.ts'
import { findService } from '../../../../local/cli/service/service.ts'
import type { PrintedFunction } from '../../../../mapping/settings/service-definition.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-check-'))
  writeFileSync(join(folder, 'serverless.yml'), '')
  const text = `if (process.env.WINDOW === 'bad') throw Object.assign(new Error('WINDOW is bad'), { code: 'CONFIG_INVALID' })
if (process.env.WINDOW === undefined) throw new Error('nobody set it')
export const run = () => {}`
  writeFileSync(join(folder, 'handler.ts'), text)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const kafka = { topic: 'orders', bootstrapServers: 'localhost:9092', accessConfigurations: {} }
const fed = (environment: Readonly<Record<string, string>>, topic = 'orders'): PrintedFunction => ({
  handler: 'handler.run',
  environment,
  events: [{ kafka: { ...kafka, topic } }],
})

const check = (functions: Readonly<Record<string, PrintedFunction>>, tables: readonly string[] = []) =>
  checkHandlers(
    findService({ dir: folder, environment: {} }),
    {
      ...{ service: 'demo', stage: 'dev', region: 'eu-west-1', functions, environment: {} },
      ...{ runtime: 'nodejs24.x', queries: {}, offline: {} },
    },
    { environment: {}, tables },
  )

test('functions of one module are loaded with their own environments, and this process keeps its own', async () => {
  await check({ a: fed({ WINDOW: '1 minute' }), b: fed({ WINDOW: '2 minutes' }, 'clicks') })
  expect(process.env.WINDOW).toBeUndefined()
})

test('the function that refuses its environment is named, with its words; a defect with its place', async () => {
  const good = fed({ WINDOW: '1 minute' })
  await expect(check({ good, wrong: fed({ WINDOW: 'bad' }, 'clicks') })).rejects.toThrow(
    'handler.ts (function wrong): WINDOW is bad',
  )
  await expect(check({ good, unset: fed({}, 'clicks') })).rejects.toThrow(/function unset.*nobody set it\n {4}at /s)
})

test('what nothing feeds, or does not run on Node, is not loaded', async () => {
  const { events = [] } = fed({})
  await check({ idle: { handler: 'handler.run' }, python: { handler: 'app.run', runtime: 'python3.13', events } })
})

test('a handler that its module does not export is named, with those that it does', async () => {
  const wrong = { ...fed({ WINDOW: '1 minute' }), handler: 'handler.rum' }
  await expect(check({ wrong })).rejects.toThrow(
    'handler.ts (function wrong): the module exports no function rum, which serverless.yml names. Its functions: run.',
  )
})

test('kept state is compared with how the handler spreads its groups, and whether there is any is answered', async () => {
  const library = join(folder, 'node_modules/microbatch')
  mkdirSync(library, { recursive: true })
  writeFileSync(join(library, 'package.json'), '{ "name": "microbatch", "type": "module", "exports": "./index.js" }')
  writeFileSync(
    join(library, 'index.js'),
    `export const kafkaHandler = () => () => {}
export const dynamoState = ({ table }) => ({ get: async () => (table === 'full' ? {} : undefined) })
export const checkState = async (query, store, { shards, partitions }) => {
  await store.get({})
  if (shards !== 2 || partitions !== 3) throw Object.assign(new Error('shards was ' + shards), { code: 'STATE_INCOMPATIBLE' })
}`,
  )
  const handlerWith = (options: string) =>
    writeFileSync(
      join(folder, 'totals.ts'),
      `import { kafkaHandler } from 'microbatch'
export const totalsQuery = { name: 'sums', plan: { aggregation: {} } }
export const totals = kafkaHandler(totalsQuery, ${options})`,
    )
  const functions = { totals: { ...fed({}), handler: 'totals.totals' } }
  handlerWith('{ partitions: 3, shards: 2 }')
  expect(await check(functions, ['full'])).toEqual([{ key: 'totals', name: 'sums', isKept: true }])
  expect(await check(functions, ['empty'])).toEqual([{ key: 'totals', name: 'sums', isKept: false }])
  handlerWith('{ partitions: 3, shards: 4 }')
  await expect(check(functions, ['full'])).rejects.toThrow('totals.ts (function totals): shards was 4')
})
