import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { memoryDeadLetters } from '../../../lib/index.ts'
import { eventBridgeSink } from '../../../lib/sink/messages/event-bridge-sink.ts'
import { sqsSink } from '../../../lib/sink/messages/sqs-sink.ts'
import { aBar, aBatch } from '../batches.ts'
import { sqsServer } from '../sqs-server.ts'

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `ticks-0-${i}`, version: i, row: aBar('AAPL', i) }))
const backoffMs = () => 0

describe('the queue sink', () => {
  test('sends ten rows a request, and what was refused again', async () => {
    await using server = await sqsServer(({ Id }, batch) => (batch === 0 && Id === '3' ? 'InternalError' : null))
    const { client, queueUrl } = server
    await sqsSink({ queueUrl, client, backoffMs, parallelism: 1 }).write(aBatch(rows(12)))
    expect(server.batches.map((batch) => batch.map(({ Id }) => Id))).toEqual([
      ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
      ['3'],
      ['10', '11'],
    ])
    expect(server.messages[11]?.MessageAttributes.id?.StringValue).toBe('ticks-0-11')
  })

  test('fails the batch when rows were refused five times, with what the queue said', async () => {
    await using server = await sqsServer(({ Id }) => (Id === '1' ? 'InternalError' : null))
    const { client, queueUrl } = server
    const problem = `the queue ${queueUrl} did not take 1 of 2 rows in 5 tries. It says: InternalError: told to`
    await expect(sqsSink({ queueUrl, client, backoffMs }).write(aBatch(rows(2)))).rejects.toThrow(problem)
    expect(server.batches).toHaveLength(5)
  })

  test('sends no more than 256 KiB a request, and sets aside a row that has more', async () => {
    await using server = await sqsServer()
    const { client, queueUrl } = server
    const letters = memoryDeadLetters()
    const large = [100_000, 100_000, 100_000, 300_000].map((length, i) => ({
      id: `${i}`,
      row: aBar('x'.repeat(length)),
    }))
    await expect(sqsSink({ queueUrl, client }).write(aBatch(large))).rejects.toThrow(
      /the row 3 has 3\d+ bytes, the queue/,
    )
    await sqsSink({ queueUrl, client, oversized: letters }).write(aBatch(large))
    expect(server.batches.map((batch) => batch.length).sort()).toEqual([1, 2])
    expect(letters.letters).toMatchObject([{ id: 'bars/3', reason: 'VALUE_TOO_LONG' }])
  })

  test('escapes what SQS does not take', async () => {
    await using server = await sqsServer()
    const { client, queueUrl } = server
    await sqsSink({ queueUrl, client }).write(aBatch([{ id: 'odd\u0001', row: aBar('\uffff\u0000') }]))
    expect(server.messages[0]?.MessageBody).toBe('{"symbol":"\\uffff\\u0000","high":1,"volume":100}')
    expect(server.messages[0]?.MessageAttributes.id?.StringValue).toBe('odd\\u0001')
    expect(
      createHash('md5')
        .update(server.messages[0]?.MessageBody ?? '')
        .digest('hex'),
    ).toHaveLength(32)
  })

  test('never calls a queue of AWS from a laptop: the rows are lines of a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'microbatch-queue-'))
    const before = process.cwd()
    process.chdir(folder)
    try {
      const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/alerts'
      await sqsSink({ queueUrl, environment: {} }).write(aBatch(rows(11)))
      await eventBridgeSink({ bus: 'shop', environment: { IS_OFFLINE: 'true' } }).write(aBatch(rows(1)))
      const lines = readFileSync('.local/sqs/alerts.ndjson', 'utf8').trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(JSON.parse(line).MessageBody).high)).toEqual(
        expect.arrayContaining([0, 5, 10]),
      )
      expect(readFileSync('.local/events/shop.ndjson', 'utf8')).toContain('ticks-0-0')
    } finally {
      process.chdir(before)
      rmSync(folder, { recursive: true })
    }
    const elsewhere = { queueUrl: 'https://queues.example.com/1/alerts', environment: {} }
    await expect(sqsSink(elsewhere).write(aBatch(rows(1)))).rejects.toThrow(/not this machine/)
  })
})
