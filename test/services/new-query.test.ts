// One place per query: in a copy of this repository, a query over another topic is added as a person would, by its own file, its
// export and its function. Everything else follows: types, mapping, role, variables, alarms, and a handler that runs.

import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anEvent, recordsOf } from '../builders.ts'

const root = resolve(import.meta.dirname, '../..')
let copy: string
const touched = new Set<string>()

const query = `// Orders: what was earned, per status and minute.

import { consoleSink, count, double, json, stream, string, struct, sum, timestamp, window } from 'microbatch'

const Order = struct({ id: string(), status: string(), amount: double(), time: timestamp() })

export const revenue = (topic: string) =>
  stream('orders')
    .readKafka({ topic })
    .decode(json(Order))
    .withWatermark('time', '10 seconds')
    .groupBy(window('time', '1 minute'), 'status')
    .agg({ orders: count(), revenue: sum('amount') })
    .writeStream({ outputMode: 'update', sinks: [consoleSink({ truncate: false })] })
`

const wiring = `
export const ordersQuery = revenue(topic)
export const orders = handle(ordersQuery, { state, partitions })
`

const functions = `
  orders:
    handler: handlers/consumer.orders
    description: What was earned, per status and minute
    events:
      - query: { topic: orders, partitions: 6, state: true }
`

function write(file: string, change: (text: string) => string): void {
  touched.add(file)
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file), 'utf8')))
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'microbatch-new-query-'))
  const parts = ['handlers', 'infra', 'lib', 'local', 'package.json', 'serverless.yml', 'tsconfig.json']
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  appendFileSync(join(copy, 'handlers/orders.ts'), query)
  touched.add('handlers/orders.ts')
  const imports = "import * as queries from './queries.ts'\n"
  write(
    'handlers/consumer.ts',
    (text) => text.replace(imports, `import { revenue } from './orders.ts'\n${imports}`) + wiring,
  )
  write('serverless.yml', (text) => text + functions)
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const run = (program: string, ...words: readonly string[]) =>
  promisify(execFile)(process.execPath, [join(root, 'node_modules', program), ...words], {
    cwd: copy,
    // serverless-esbuild leaves what it zipped in the temporary folder; proxies to nowhere keep everything on this machine, and
    // state in memory is enough for one process.
    env: { ...process.env, PWD: copy, TMPDIR: copy, HTTPS_PROXY: 'http://127.0.0.1:9', STATE: 'memory' },
    timeout: 55_000,
  })
const sls = (...words: readonly string[]) => run('serverless/bin/serverless.js', ...words)

test('it touches no more than three files, and its types hold', async () => {
  expect(touched.size).toBeLessThanOrEqual(3)
  await run('typescript/bin/tsc', '--project', copy)
})

test('sls print shows its mapping, and tells the commands of it', async () => {
  const { functions, custom } = JSON.parse((await sls('print', '--format', 'json')).stdout)
  expect(functions.orders).toMatchObject({
    events: [{ kafka: { topic: 'orders', consumerGroupId: 'microbatch-dev-orders-orders', batchSize: 10_000 } }],
    environment: { TOPIC: 'orders', PARTITIONS: '6', STATE_TABLE: 'microbatch-dev-state' },
  })
  expect(custom.microbatch.queries.orders).toEqual({
    topic: 'orders',
    partitions: 6,
    consumerGroupId: 'microbatch-dev-orders-orders',
    state: true,
  })
})

test('sls package has its function, mapping, role, topic and alarms', async () => {
  await sls('package', '--param', 'kafka=msk-new')
  const file = join(copy, '.serverless/cloudformation-template-update-stack.json')
  const { Resources } = JSON.parse(readFileSync(file, 'utf8'))
  expect(
    Object.keys(Resources)
      .filter((name) => /orders/i.test(name))
      .map((name) => name.replace(/(Version).*/, '$1')),
  ).toEqual(
    expect.arrayContaining([
      'OrdersLambdaFunction',
      'OrdersLambdaVersion',
      'OrdersLogGroup',
      'OrdersEventSourceMappingMSKKafkaClusterOrders',
      'OrdersRole',
      'OrdersLagAlarm',
      'OrdersErrorAlarm',
      'KafkaTopicOrders',
    ]),
  )
  expect(Resources.KafkaTopicOrders.Properties).toMatchObject({ TopicName: 'orders', PartitionCount: 6 })
  const role = JSON.stringify(Resources.OrdersRole)
  for (const may of ['dynamodb:PutItem', ':topic/', '/orders"', 'microbatch-dev-orders-orders']) {
    expect(role).toContain(may)
  }
})

test('its handler runs on an event of its topic', async () => {
  const time = Date.parse('2026-01-05T14:30:00Z')
  const order = (status: string, amount: number) => JSON.stringify({ id: 'o', status, amount, time })
  const orders = [order('paid', 10), order('paid', 2.5), order('refused', 4)]
  const event = anEvent(recordsOf(orders, { topic: 'orders', timestamp: time }))
  writeFileSync(join(copy, 'event.json'), JSON.stringify(event))
  const { stdout } = await sls('invoke', 'local', '-f', 'orders', '-p', 'event.json')
  expect(stdout).toMatch(/\|paid +\|2 +\|12\.5 +\|/)
})
