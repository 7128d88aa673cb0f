// What `microbatch start` refuses before anything runs over a Kafka and state that are there already: settings that they contradict.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { readSettings } from '../../../handlers/config.ts'
import { bars } from '../../../handlers/queries.ts'
import { dynamoState, kafkaHandler, memoryDeadLetters } from '../../../lib/index.ts'
import { startDynamoDb } from '../../../local/dynamodb/server.ts'
import { createTables } from '../../../local/dynamodb/tables.ts'
import { withAdmin } from '../../../local/kafka/connection.ts'
import { freePort } from '../../../local/process/port.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { localClient } from '../../state/dynamo-table.ts'
import { createTopics } from '../topic.ts'
import { microbatch, projectDir } from './microbatch.ts'

let dir: string
let environment: NodeJS.ProcessEnv
let topic: string

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-refusals-'))
  topic = `refused-${process.hrtime.bigint()}`
  await withAdmin({ brokers: inject('brokers'), allowed: noRemoteHosts }, (admin) =>
    createTopics(admin, [{ topic, numPartitions: 3 }]),
  )
  environment = {
    LOCAL_DIR: dir,
    KAFKA_BROKERS: inject('brokers').join(','),
    TOPIC: topic,
    OFFLINE_LAMBDA_PORT: String(await freePort()),
    OFFLINE_HTTP_PORT: String(await freePort()),
    DYNAMODB_PORT: String(await freePort()),
  }
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('PARTITIONS that the topic does not have: start and doctor say both numbers, and what to do', async () => {
  const six = { ...environment, PARTITIONS: '6' }
  const says = `the topic ${topic} has 3 partitions, and its functions are told 6: no window would ever close`
  const { code, stderr } = await microbatch(['start'], { environment: six })
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(says) })
  expect(stderr).toContain('PARTITIONS=3')
  expect(stderr).not.toContain('Starting serverless offline')
  const doctor = await microbatch(['doctor'], { environment: six })
  expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining(says) })
})

test.each([
  [{ OUTPUT_MODE: 'complete' }, 'outputMode was update, is now complete'],
  [{ WINDOW: '10 seconds' }, /window was timestamp 3000\/.* ms, is now timestamp 10000\//],
])(
  'state that was kept under other settings than %j is said in one line, before anything runs',
  async (changed, says) => {
    await keepState()
    const { code, stderr } = await microbatch(['start'], { environment: { ...environment, ...changed } })
    const [line = ''] = stderr.split('\n').filter((text) => text.includes('kept state'))
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) })
    expect(line).toContain('microbatch start --fresh')
    expect(stderr).not.toContain('Starting serverless offline')
  },
)

test('a full disk is said in words, and everything is ended in order', async () => {
  mkdirSync(join(dir, 'log'), { recursive: true })
  symlinkSync('/dev/full', join(dir, 'log/tables.txt'))
  const { code, stderr } = await microbatch(['start'], { environment })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^The disk is full: .*tables\.txt cannot be written/m),
  })
  expect(stderr).not.toContain('ended by itself')
}, 120_000)

/** What a start leaves behind that has run one batch of bars. */
async function keepState(): Promise<void> {
  const table = 'microbatch-dev-state'
  const dynamoDb = await startDynamoDb({ folder: join(dir, 'dynamodb'), port: Number(environment.DYNAMODB_PORT) })
  try {
    const key = (name: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName: name, KeyType })
    const type = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const })
    await createTables(dynamoDb.endpoint, [
      {
        TableName: table,
        AttributeDefinitions: [type('pk'), type('sk')],
        KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
      },
    ])
    const query = { ...bars(topic, readSettings({})), sinks: [] }
    const state = dynamoState({ table, client: localClient(dynamoDb.endpoint) })
    const run = kafkaHandler(query, { state, deadLetters: memoryDeadLetters(), partitions: 3, log: () => undefined })
    const event = readFileSync(join(projectDir, 'test/events/self-managed.json'), 'utf8')
    await run(JSON.parse(event.replaceAll('stock-ticks', topic)))
  } finally {
    await dynamoDb.stop()
  }
}
