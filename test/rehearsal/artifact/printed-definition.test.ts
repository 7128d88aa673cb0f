// What the framework prints when it is spared what it loads in vain, against its whole `print`: on every service of this repository
// whose plugins are installed here, and on those that need what was not loaded.
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type DefinitionSource,
  printedByFramework,
  sparedPrint,
  wholePrint,
} from '../../../mapping/settings/print/printed-definition.ts'
import { frameworkOf } from '../../../mapping/settings/service-framework.ts'

const root = resolve(import.meta.dirname, '../../..')
const framework = frameworkOf(root) ?? ''
let folder: string
beforeAll(() => {
  // Below the repository, from where plugins are found.
  mkdirSync(join(root, '.local'), { recursive: true })
  folder = mkdtempSync(join(root, '.local/printed-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Proxies to nowhere: what would leave this machine fails. */
const environment = {
  ...process.env,
  ...{ AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_EC2_METADATA_DISABLED: 'true' },
  HTTPS_PROXY: 'http://127.0.0.1:9',
}

const written = (definition: object): DefinitionSource => {
  const file = join(folder, 'serverless.yml')
  writeFileSync(file, JSON.stringify({ service: 'demo', ...definition })) // JSON is YAML
  return { file, environment }
}

describe('a spared print is the whole one', () => {
  /** They want packages of ours that are installed, or a parameter. */
  const elsewhere = ['examples/orders', 'test/rehearsal']
  const services = globSync('{,*/,*/*/,*/*/*/,*/*/*/*/}serverless.yml', {
    cwd: root,
    exclude: (name) => name === 'node_modules',
  })
    .filter((file) => !elsewhere.some((start) => file.startsWith(start)) && !file.startsWith('.'))
    .sort()
  const variables = {
    ...{ TOPIC: 'ticks', PARTITIONS: '3', WINDOW: '1 second', GROUP_ID: 'group', HTTP_PORT: '1', LAMBDA_PORT: '2' },
    ...{ FIXTURE_BROKER: 'localhost:9092', FIXTURE_TOPIC: 'topic', FIXTURE_REGISTRY: 'http://127.0.0.1:1' },
    ...{ FIXTURE_SEEN: '/tmp/seen', FIXTURE_FAIL: '/tmp/fail' },
  }

  test('there are such services', () => {
    expect(services).toEqual(expect.arrayContaining(['serverless.yml', 'examples/plain-javascript/serverless.yml']))
    expect(services.length).toBeGreaterThan(5)
  })

  test.each(services)('%s', async (name) => {
    const source = { file: join(root, name), environment: { ...environment, ...variables } }
    const spared = await sparedPrint(source, framework)
    expect(spared).toBe(await wholePrint(source, framework))
    expect(JSON.parse(spared)).toHaveProperty('service')
  })

  test('with the queries that QUERIES names, for another stage', async () => {
    const named = { ...environment, QUERIES: 'tape,bars,sessions,moves' }
    const source = { file: join(root, 'serverless.yml'), stage: 'prod', environment: named }
    const spared = await sparedPrint(source, framework)
    expect(spared).toBe(await wholePrint(source, framework))
    expect(Object.keys(JSON.parse(spared).functions)).toContain('moves')
  })

  test('values get the types of the schemas, which are checked', async () => {
    const functions = { bars: { handler: 'h.bars', timeout: '30' } }
    const source = written({ provider: { name: 'aws' }, functions })
    const spared = await sparedPrint(source, framework)
    expect(spared).toBe(await wholePrint(source, framework))
    expect(JSON.parse(spared).functions.bars.timeout).toBe(30)
    const wrong = written({ provider: { name: 'aws' }, functions: { bars: { handler: 'h.bars', timeout: 'long' } } })
    await expect(sparedPrint(wrong, framework)).rejects.toThrow(/functions.bars.timeout.*must be integer/)
  })
})

describe('what needs more than the spared print loads is printed by the whole', () => {
  const provider = { name: 'aws', runtime: 'nodejs24.x' }

  test('a property that only the schema of a bundler knows', async () => {
    const functions = { bars: { handler: 'h.bars', skipEsbuild: true } }
    const source = written({ provider, plugins: ['serverless-esbuild'], functions })
    await expect(sparedPrint(source, framework)).rejects.toThrow(/unrecognized property 'skipEsbuild'/)
    expect(JSON.parse(await printedByFramework(source))).toMatchObject({ functions })
  })

  test('a variable of an account', async () => {
    const api = createServer((_, response) => {
      response.setHeader('content-type', 'application/x-amz-json-1.1')
      response.end(JSON.stringify({ Parameter: { Name: '/topic', Type: 'String', Value: 'ticks', Version: 1 } }))
    })
    await new Promise<void>((listening) => void api.listen(0, '127.0.0.1', listening))
    try {
      const { port } = api.address() as AddressInfo
      const source = {
        ...written({ provider, custom: { topic: `\${ssm:/topic, 'none'}` } }),
        environment: { ...environment, HTTPS_PROXY: '', AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${port}` },
      }
      await expect(sparedPrint(source, framework)).rejects.toThrow(/exit code|print failed/)
      expect(JSON.parse(await printedByFramework(source))).toMatchObject({ custom: { topic: 'ticks' } })
    } finally {
      api.close()
    }
  })

  test('what the framework refuses is said in its words', async () => {
    const source = written({ provider, functions: { bars: { handler: 'h.bars', timeout: 'long' } } })
    await expect(printedByFramework(source)).rejects.toThrow(
      /^the framework refuses .*serverless.yml: .*must be integer/,
    )
  })
})

test('a spared print takes half of the memory, and keeps what it compiled', async () => {
  const probe = join(folder, 'probe.cjs')
  writeFileSync(
    probe,
    "process.on('exit', () => require('fs').writeFileSync(process.env.PROBE, String(process.resourceUsage().maxRSS)))",
  )
  const megabytesOf = async (print: typeof sparedPrint) => {
    const PROBE = join(folder, 'kilobytes')
    const probed = { ...environment, PROBE, NODE_OPTIONS: `--require ${probe}` }
    const source = { file: join(root, 'serverless.yml'), environment: probed }
    await print(source, framework)
    return Number(readFileSync(PROBE, 'utf8')) / 1024
  }
  await megabytesOf(sparedPrint)
  const [spared, whole] = [await megabytesOf(sparedPrint), await megabytesOf(wholePrint)]
  expect(spared).toBeLessThan(200)
  expect(spared).toBeLessThan(0.6 * whole)
})
