import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

const check = (functions: Readonly<Record<string, PrintedFunction>>) =>
  checkHandlers(
    findService({ dir: folder, environment: {} }),
    {
      ...{ service: 'demo', stage: 'dev', region: 'eu-west-1', functions, environment: {} },
      ...{ runtime: 'nodejs24.x', queries: {}, offline: {} },
    },
    { environment: {} },
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
