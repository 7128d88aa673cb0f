// The plugin under the framework itself, on services of a stranger: what `sls print` shows of them.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-plugin-'))
  symlinkSync(join(root, 'infra'), join(folder, 'infra'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const own = { KAFKA_BROKERS: undefined, DEAD_LETTER_FILE: undefined, AWS_ENDPOINT_URL_DYNAMODB: undefined }

async function print(service: object, ...words: readonly string[]) {
  writeFileSync(join(folder, 'serverless.json'), JSON.stringify(service))
  const command = [join(root, 'node_modules/serverless/bin/serverless.js'), 'print', '--format', 'json', ...words]
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    cwd: folder,
    env: { ...process.env, ...own },
  }).catch((error: { readonly stdout: string }) => error)
  return stdout
}

const variable = (words: string) => `$\{${words}}`

const shop = (more: object = {}) => ({
  service: 'shop',
  provider: { name: 'aws', runtime: 'nodejs24.x', stage: variable("opt:stage, 'dev'") },
  plugins: ['./infra/plugin.ts'],
  functions: {
    revenue: { handler: 'a.revenue', events: [{ query: { topic: 'orders', partitions: 6, state: true } }] },
    seed: { handler: 'a.seed', produces: 'orders', events: [{ schedule: 'rate(1 minute)' }] },
    other: { handler: 'a.other', events: [{ httpApi: 'GET /' }] },
  },
  ...more,
})

test('a service without a parameter runs on this machine', async () => {
  const { functions, custom, resources, provider } = JSON.parse(await print(shop()))
  expect(functions.revenue).toMatchObject({
    events: [
      { kafka: { topic: 'orders', bootstrapServers: ['localhost:9092'], consumerGroupId: 'shop-dev-revenue-orders' } },
    ],
    environment: {
      SERVICE: 'shop-dev',
      TOPIC: 'orders',
      PARTITIONS: '6',
      STATE_TABLE: 'shop-dev-state',
      DEAD_LETTER_FILE: join(folder, '.local/dead-letters.ndjson'),
    },
    role: { 'Fn::Sub': variable('RevenueRole.Arn') },
  })
  expect(functions.revenue.events).toHaveLength(1)
  expect(functions.seed).toMatchObject({ environment: { TOPIC: 'orders' }, events: [{ schedule: 'rate(1 minute)' }] })
  expect(functions.other).toEqual({ handler: 'a.other', events: [{ httpApi: 'GET /' }], name: 'shop-dev-other' })
  expect(provider).not.toHaveProperty('environment')
  expect(custom.microbatch.queries).toEqual({
    revenue: { topic: 'orders', partitions: 6, consumerGroupId: 'shop-dev-revenue-orders', state: true },
  })
  expect(Object.keys(resources.Resources)).toContain('StateTable')
})

test('parameters come from the command line, else the stage, else the default; a query may name them as any value', async () => {
  const service = shop({
    params: {
      default: { kafka: 'self-managed', topic: 'orders', auth: 'plain', maxLag: 7 },
      prod: { topic: 'real-orders', bootstrapServers: 'b1.example:9096', maxLag: 8, alarmEmail: 'a@example.com' },
    },
    functions: [
      {
        revenue: {
          handler: 'a.revenue',
          environment: { STAGE: variable('sls:stage') },
          events: [{ query: { topic: variable('param:topic'), partitions: 6, batchSize: variable('opt:batch, 10') } }],
        },
      },
    ],
    resources: { Resources: { Own: { Type: 'AWS::SQS::Queue' } } },
  })
  const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a'
  const words = ['--stage', 'prod', '--param', `credentials=${secret}`, '--param', 'maxLag=9']
  const { functions, resources } = JSON.parse(await print(service, ...words))
  expect(functions.revenue.events).toEqual([
    {
      kafka: expect.objectContaining({
        topic: 'real-orders',
        batchSize: 10,
        bootstrapServers: ['b1.example:9096'],
        accessConfigurations: { saslPlainAuth: [secret] },
      }),
    },
  ])
  expect(functions.revenue.environment).toMatchObject({ STAGE: 'prod', SERVICE: 'shop-prod', TOPIC: 'real-orders' })
  expect(resources.Resources).toMatchObject({
    Own: { Type: 'AWS::SQS::Queue' },
    RevenueLagAlarm: { Properties: { Threshold: 9 } },
    AlarmTopic: { Properties: { Subscription: [{ Protocol: 'email', Endpoint: 'a@example.com' }] } },
  })
})

test('where something else invokes the functions, their other events stay', async () => {
  const events = [{ query: { topic: 'orders', partitions: 6 } }, { httpApi: 'GET /' }]
  const service = shop({ functions: { revenue: { handler: 'a.revenue', events } } })
  const { functions } = JSON.parse(await print(service, '--param', 'kafka=none'))
  expect(functions.revenue.events).toEqual([{ httpApi: 'GET /' }])
})

test('a service without a query is left as it is', async () => {
  const { resources, custom } = JSON.parse(await print(shop({ functions: { other: { handler: 'a.other' } } })))
  expect([resources, custom]).toEqual([undefined, undefined])
})

describe('a refusal is said once, in words, without a stack', () => {
  test.each([
    ['a parameter', shop(), ['--param', 'kafka=kinesis'], 'Parameters of the deployment: kafka: '],
    ['a query', shop({ functions: { a: { handler: 'a.a', events: [{ query: { topc: 1 } }] } } }), [], '"topc"'],
  ])('of %s', async (_what, service, words, problem) => {
    const said = await print(service, ...words)
    expect(said.split(problem)).toHaveLength(2)
    expect(said).not.toMatch(/infra\/\w+\.ts/)
  })
})
