// The plugin and the wiring as another project gets them: the tarball of `microbatch`, unpacked, under a service of two functions.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPackages } from '../../../scripts/package.ts'

const root = resolve(import.meta.dirname, '../../..')
let folder: string

const service = `service: shop
provider: { name: aws, runtime: nodejs24.x }
plugins: [microbatch/infra]
functions:
  revenue:
    handler: consumer.revenue
    events:
      - query: { topic: orders, partitions: 6, state: true }
  all:
    handler: consumer.all
    events:
      - query: { topics: { orders: 6, returns: 2 }, state: true }
  seed:
    handler: producer.seed
    produces: orders
`

const consumer = `import { consoleSink, count, json, kafkaHandler, stream, string, struct } from 'microbatch'
import { fromEnvironment } from 'microbatch/lambda'
const { topic, topics, state, deadLetters, partitions } = fromEnvironment(process.env)
export const revenueQuery = stream('revenue').readKafka({ topic }).decode(json(struct({ status: string() })))
  .groupBy('status').agg({ orders: count() }).writeStream({ outputMode: 'update', sinks: [consoleSink()] })
export const revenue = kafkaHandler(revenueQuery, { state, deadLetters, partitions })
export const allQuery = stream('all').readKafka({ topics }).decode(json(struct({ status: string() })))
  .groupBy('status').agg({ orders: count() }).writeStream({ outputMode: 'update', sinks: [consoleSink()] })
export const all = kafkaHandler(allQuery, { state, deadLetters, partitions })
`

beforeAll(() => {
  // Inside the project, so that the package's dependencies are found where npm would have put them.
  mkdirSync(join(root, '.local'), { recursive: true })
  folder = mkdtempSync(join(root, '.local/infra-package-'))
  const tarball = buildPackages(join(folder, 'build')).get('microbatch') ?? ''
  const target = join(folder, 'node_modules/microbatch')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', target])
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(folder, 'serverless.yml'), service)
  writeFileSync(join(folder, 'consumer.js'), consumer)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sls = (...words: readonly string[]) =>
  execFileSync(process.execPath, [join(root, 'node_modules/serverless/bin/serverless.js'), ...words], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

test('a stranger needs the plugin and his functions: his laptop and his template follow', () => {
  const { functions, custom } = JSON.parse(sls('print', '--format', 'json'))
  expect(custom.microbatch.queries).toHaveProperty('revenue.topic', 'orders')
  expect(functions.revenue.events).toEqual([{ kafka: expect.objectContaining({ topic: 'orders' }) }])
  expect(functions.all.events).toMatchObject([{ kafka: { topic: 'orders' } }, { kafka: { topic: 'returns' } }])
  sls('package', '--param', 'kafka=msk-new')
  const template = readFileSync(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8')
  expect(Object.keys(JSON.parse(template).Resources)).toEqual(
    expect.arrayContaining([
      ...['RevenueRole', 'SeedRole', 'StateTable', 'KafkaCluster', 'KafkaTopicOrders', 'KafkaTopicReturns'],
      ...['AllEventSourceMappingMSKKafkaClusterOrders', 'AllEventSourceMappingMSKKafkaClusterReturns'],
    ]),
  )
})

test('his handler is made of the environment that the plugin sets', () => {
  const { functions } = JSON.parse(sls('print', '--format', 'json'))
  const words =
    "import('./consumer.js').then(({ revenue, revenueQuery }) => console.log(typeof revenue, revenueQuery.name))"
  const said = execFileSync(process.execPath, ['--eval', words], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...functions.revenue.environment },
  })
  expect(said).toBe('function revenue\n')
  const ofAll = "import('./consumer.js').then(({ allQuery }) => console.log(allQuery.plan.source.topics.join()))"
  const env = { ...process.env, ...functions.all.environment }
  expect(execFileSync(process.execPath, ['--eval', ofAll], { cwd: folder, encoding: 'utf8', env })).toBe(
    'orders,returns\n',
  )
})
