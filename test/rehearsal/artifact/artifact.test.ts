// The zips of `sls package`, as they would be uploaded, under AWS's own runtime client: what Lambda would see of them.

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { anEvent, aTick, recordsOf } from '../../builders.ts'
import { type SqsServer, sqsServer } from '../../sink/sqs-server.ts'
import { projectDir } from '../process.ts'
import { type Package, packageOf } from '../variants.ts'
import { type Container, startContainer, unpack } from './container.ts'

/** The goals for a zip, in bytes. */
const maxZipBytes = { tape: 230_000, bars: 230_000, producer: 150_000 }
/** The goal for a cold start. A machine that is busy with other things takes longer, so four times that fails. */
const goalColdStartMs = 250

let packaged: Package
let queue: SqsServer | undefined
const running = new Set<Container>()

beforeAll(async () => {
  packaged = await packageOf('none')
  for (const name of Object.keys(maxZipBytes)) await unpack(packaged, name)
})
afterEach(async () => {
  for (const container of running) await container[Symbol.asyncDispose]()
  running.clear()
  await queue?.[Symbol.asyncDispose]()
  queue = undefined
})

async function start(name: string, environment: Readonly<Record<string, string>> = {}): Promise<Container> {
  const container = await startContainer(packaged, name, environment)
  running.add(container)
  return container
}

/** What CloudFormation and SQS would be: a queue, and where it is. */
async function withQueue(refuse?: Parameters<typeof sqsServer>[0]) {
  queue = await sqsServer(refuse)
  return { DEAD_LETTER_QUEUE_URL: queue.queueUrl, AWS_ENDPOINT_URL_SQS: new URL(queue.queueUrl).origin }
}

const eventFile = (name: string): unknown =>
  JSON.parse(readFileSync(join(projectDir, 'test/events', `${name}.json`), 'utf8'))
const linesOf = (container: Container) =>
  container
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

describe.each(Object.entries(maxZipBytes))('%s', (name, maxBytes) => {
  test('is small, and starts fast', async () => {
    const { size } = statSync(join(packaged.folder, `${name}.zip`))
    const environment = await withQueue()
    const coldStartsMs: number[] = []
    for (let i = 0; i < 5; i += 1) {
      const container = await start(name, environment)
      expect(container.initError).toBeNull()
      coldStartsMs.push(container.coldStartMs)
      await container[Symbol.asyncDispose]()
    }
    const [best = 0, , median = 0] = coldStartsMs.sort((a, b) => a - b)
    console.log(
      `${name}: ${(size / 1000).toFixed(1)} kB zipped (goal ${maxBytes / 1000}), cold start ${best.toFixed(0)} ms at best, ` +
        `${median.toFixed(0)} ms in the middle of 5 (goal ${goalColdStartMs})`,
    )
    expect(size).toBeLessThan(maxBytes)
    expect(best).toBeLessThan(4 * goalColdStartMs)
  })
})

describe('an event', () => {
  test.each(['msk', 'self-managed'])('of %s becomes a table, a log line, metrics, and its progress', async (name) => {
    const container = await start('tape', await withQueue())
    const outcome = await container.invoke(eventFile(name))
    expect(outcome).toMatchObject({
      kind: 'response',
      body: { name: 'tape', batchId: 0, numInputRows: expect.any(Number) },
    })
    await expect.poll(() => container.output()).toContain('|symbol|')
    const lines = linesOf(container)
    expect(lines).toContainEqual(expect.objectContaining({ level: 'INFO', message: 'batch', name: 'tape' }))
    expect(lines).toContainEqual(
      expect.objectContaining({ _aws: expect.anything(), query: 'tape', service: 'microbatch-dev' }),
    )
  })

  test('that is none of Kafka is an error under its own name', async () => {
    const container = await start('tape', await withQueue())
    const outcome = await container.invoke({ Records: [] })
    expect(outcome).toMatchObject({
      kind: 'error',
      error: { errorType: 'MicrobatchError', errorMessage: expect.stringContaining('Kafka event source mapping') },
    })
    expect(await container.invoke(eventFile('msk'))).toMatchObject({ kind: 'response' })
  })

  test('with a bad record sets it aside in the queue', async () => {
    const container = await start('tape', await withQueue())
    const outcome = await container.invoke(anEvent(recordsOf(['not json', aTick()])))
    expect(outcome).toMatchObject({ kind: 'response', body: { numDeadLetters: 1, sink: { numOutputRows: 1 } } })
    expect(queue?.messages.map(({ MessageBody }) => JSON.parse(MessageBody).id)).toEqual(['stock-ticks-0-0'])
  })

  test('that takes longer than its time is cut off, and comes again to a new container', async () => {
    const environment = await withQueue()
    // An address that takes connections and never answers: the queue hangs.
    const hanging = await sqsServer(() => null, { answers: false })
    const event = anEvent(recordsOf(['not json']))
    const first = await start('tape', { ...environment, DEAD_LETTER_QUEUE_URL: hanging.queueUrl })
    expect(await first.invoke(event, 1500)).toEqual({ kind: 'timeout' })
    await hanging[Symbol.asyncDispose]()
    const second = await start('tape', environment)
    expect(await second.invoke(event)).toMatchObject({ kind: 'response', body: { numDeadLetters: 1 } })
    expect(queue?.messages).toHaveLength(1)
  })

  test('of which one partition fails names that partition alone, where partial batches are on', async () => {
    const environment = await withQueue(() => 'InternalError')
    const container = await start('tape', { ...environment, PARTIAL_BATCHES: 'true' })
    const event = anEvent([...recordsOf([aTick(), aTick()]), ...recordsOf([aTick(), 'not json'], { partition: 1 })])
    expect(await container.invoke(event)).toEqual({
      kind: 'response',
      body: {
        batchItemFailures: [0, 1].map((offset) => ({ itemIdentifier: { partition: 'stock-ticks-1', offset } })),
      },
    })
  })
})

test('without a queue for bad records a consumer takes no event, and says what is missing', async () => {
  const container = await start('tape')
  expect(await container.invoke(eventFile('msk'))).toMatchObject({
    kind: 'error',
    error: {
      errorType: expect.stringContaining('MicrobatchError'),
      errorMessage: expect.stringContaining('DEAD_LETTER_QUEUE_URL'),
    },
  })
})
