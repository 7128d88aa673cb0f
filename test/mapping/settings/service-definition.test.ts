import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readServiceDefinition } from '../../../mapping/settings/service-definition.ts'
import { frameworkOf } from '../../../mapping/settings/service-framework.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-definition-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** JSON, as `sls print` gives it. */
const read = (definition: object, stage?: string) => {
  const file = join(folder, 'printed.json')
  writeFileSync(file, JSON.stringify(definition))
  return readServiceDefinition({ file, stage, environment: {} })
}

test('what is left out has a default or is left out', async () => {
  expect(
    await read({ service: 'demo', provider: { name: 'aws' }, functions: { bars: { handler: 'h.bars' } } }),
  ).toEqual({
    service: 'demo',
    stage: 'dev',
    region: 'us-east-1',
    functions: { bars: { handler: 'h.bars' } },
    environment: {},
    queries: {},
    offline: {},
  })
  expect(await read({ service: 'demo' })).toMatchObject({ functions: {} })
})

test('names, events, timeouts, stage, region and resources come as they are', async () => {
  const bars = { name: 'my-bars', events: [{ kafka: {} }], timeout: 60, runtime: 'nodejs24.x', environment: { A: 1 } }
  const resources = { Resources: {} }
  const environment = { B: { Ref: 'Table' } }
  const provider = { stage: 'test', region: 'eu-west-1', timeout: 30, environment, runtime: 'nodejs22.x' }
  const queries = { bars: { topic: 'ticks', partitions: '3', consumerGroupId: 'demo-bars', state: true } }
  const custom = { microbatch: { queries }, 'serverless-offline': { lambdaPort: 4002 } }
  const definition = { service: 'demo', provider, functions: { bars }, resources, custom }
  expect(await read(definition)).toEqual({
    ...{ service: 'demo', stage: 'test', region: 'eu-west-1', timeout: 30 },
    ...{ functions: { bars }, resources, environment, runtime: 'nodejs22.x', offline: { lambdaPort: 4002 } },
    queries: { bars: { ...queries.bars, partitions: 3 } },
  })
  expect(await read(definition, 'prod')).toMatchObject({ stage: 'prod' })
})

test('what is no definition of a service is refused with its place', async () => {
  await expect(read({ service: 5 })).rejects.toThrow(/printed\.json: service: /)
  await expect(readServiceDefinition({ file: join(folder, 'none.yml'), environment: {} })).rejects.toThrow(
    'There is no',
  )
})

test('the framework is the one that the service has installed, in its folder or above it', () => {
  const program = join(folder, 'node_modules/.bin/serverless')
  mkdirSync(dirname(program), { recursive: true })
  writeFileSync(program, '')
  expect(frameworkOf(join(folder, 'packages/orders'))).toBe(program)
  rmSync(program)
  expect(frameworkOf(folder)).not.toBe(program)
})

test('lambdaPort: null is no port', async () => {
  const custom = { 'serverless-offline': { lambdaPort: null, httpPort: 4000 } }
  expect((await read({ service: 'demo', custom })).offline).toEqual({ lambdaPort: undefined, httpPort: 4000 })
})

test('a package without its framework is told to install it', async () => {
  const alone = join(folder, 'alone')
  mkdirSync(alone)
  for (const file of ['package.json', 'serverless.yml']) writeFileSync(join(alone, file), '{}')
  await expect(readServiceDefinition({ file: join(alone, 'serverless.yml'), environment: {} })).rejects.toThrow(
    /has no Serverless Framework in its node_modules: npm install, without --omit=dev/,
  )
})
