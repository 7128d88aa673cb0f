// examples/orders as the repository of another team: copied out of ours, installed from the tarballs by npm, and used as its README
// says, from its unit test to the template for AWS.

import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectDir } from '../process.ts'
import { openWorkplace, type Workplace } from './workplace.ts'

let place: Workplace
let service: string

beforeAll(async () => {
  place = await openWorkplace()
  service = join(place.folder, 'orders')
  cpSync(join(projectDir, 'examples/orders'), service, { recursive: true })
  await place.shell('npm install --loglevel=error "$PACKAGES"/*/*.tgz', service)
}, 300_000)
afterAll(() => place.remove())

const shell = (words: string) => place.shell(words, service)

test('its unit test passes', async () => {
  expect(await shell('npm test')).toMatch(/^(ℹ|#) pass 3$/m)
})

test.each(['typescript', 'typescript-5.9'])(
  'its types hold strictly, each declaration file checked, under %s',
  async (compiler) => {
    await shell(`node ${join(projectDir, 'node_modules', compiler, 'bin/tsc')} --skipLibCheck false`)
  },
)

test('it starts, orders come out as tables that verify finds right, and Ctrl-C leaves nothing', async () => {
  const terminal = await place.terminal('npx microbatch start', service)
  await terminal.says('Ctrl-C ends all of it.')
  await shell('npx microbatch send sample.jsonl --topic orders --key id')
  await terminal.says('|{2026-01-05 14:30:00, 2026-01-05 14:31:00}|paid   |2     |4    |955.0  |')
  await terminal.says('|o-3|PL     |900.0 |2026-01-05 14:30:59.999|')
  await terminal.says('items: Too small')
  expect(await shell('npx microbatch lag --json')).toMatch(/"function":"revenue"/)
  const verified = await shell('npx microbatch verify')
  expect(verified).toContain('revenue: 3 groups compared, 3 equal, 0 differ, 0 missing')
  expect(verified).toContain('large: 1 rows compared, 1 equal, 0 differ, 0 missing')
  expect(await shell('npx microbatch batch --query revenue')).toContain('|refused|1     |1    |7.5    |')
  await terminal.interrupt()
  expect(terminal.said()).toContain('revenue <- orders: PolledEventCount 5, InvokedEventCount 5, CommittedEventCount 5')
  expect(await place.leftovers()).toEqual([])
}, 240_000)

test('sls package makes its zips, and a template with mapping, role, table and queue', async () => {
  const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:kafka-AbCdEf'
  await shell(
    `npx sls package --param kafka=self-managed --param bootstrapServers=b1.example.com:9096 --param credentials=${secret}`,
  )
  const file = join(service, '.serverless/cloudformation-template-update-stack.json')
  const { Resources } = JSON.parse(readFileSync(file, 'utf8'))
  expect(Resources.RevenueEventSourceMappingKafkaOrders.Properties).toMatchObject({
    Topics: ['orders'],
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'orders-dev-revenue-orders' },
    SourceAccessConfigurations: [{ Type: 'SASL_SCRAM_512_AUTH', URI: secret }],
  })
  expect(JSON.stringify(Resources.RevenueRole)).toContain('dynamodb:PutItem')
  expect(JSON.stringify(Resources.LargeRole)).not.toContain('dynamodb:')
  expect(Resources.StateTable.Properties.TableName).toBe('orders-dev-state')
  expect(Resources).toHaveProperty('DeadLetterQueue')
  expect((await shell('ls .serverless')).split('\n')).toEqual(expect.arrayContaining(['large.zip', 'revenue.zip']))
})
