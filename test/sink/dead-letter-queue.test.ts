import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { deadLetterOf } from '../../lib/sink/dead-letter.ts'
import { maxBatchBytes, queueDeadLetters } from '../../lib/sink/dead-letter-queue.ts'
import { aRecord } from '../builders.ts'
import { deadLetterContract } from './dead-letter-contract.ts'
import { type Entry, type SqsServer, sqsServer } from './sqs-server.ts'

const open = new Set<SqsServer>()
afterEach(async () => {
  for (const server of open) await server[Symbol.asyncDispose]()
  open.clear()
})

async function queue(refuse?: (entry: Entry, batch: number) => string | null) {
  const server = await sqsServer(refuse)
  open.add(server)
  const waits: number[] = []
  const backoffMs = (attempt: number): number => {
    waits.push(attempt)
    return 0
  }
  return { server, waits, sink: queueDeadLetters({ ...server, backoffMs }) }
}

deadLetterContract('the queue', async () => {
  let broken = false
  const { server, sink } = await queue(() => (broken ? 'InternalError' : null))
  return {
    sink,
    kept: () => server.messages.map(({ MessageBody }) => MessageBody),
    breakDown: () => {
      broken = true
    },
  }
})

const letter = (value: string | Buffer, offset = 0) =>
  deadLetterOf('tape', aRecord({ offset, value }), 'NOT_JSON', 'why')
const bytesOf = (entries: readonly Entry[]): number =>
  entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0)

describe('batches', () => {
  test('hold ten messages and no more bytes than a request may', async () => {
    const { server, sink } = await queue()
    await sink.send([...Array(23).keys()].map((offset) => letter('x', offset)))
    await sink.send([...Array(5).keys()].map((offset) => letter(Buffer.alloc(60_000), offset)))
    expect(server.batches.map((batch) => batch.length)).toEqual([10, 10, 3, 3, 2])
    for (const batch of server.batches) expect(bytesOf(batch)).toBeLessThanOrEqual(maxBatchBytes)
  })
  test('carry the reason as an attribute, to filter by', async () => {
    const { server, sink } = await queue()
    await sink.send([letter('x')])
    expect(server.messages[0]?.MessageAttributes).toEqual({ reason: { DataType: 'String', StringValue: 'NOT_JSON' } })
  })
})

describe('what the queue refuses of a batch', () => {
  test('is sent again, alone, until it is taken', async () => {
    const { server, sink, waits } = await queue(({ Id }, batch) =>
      batch < 2 && ['1', '3'].includes(Id) ? 'Throttled' : null,
    )
    await sink.send([...Array(5).keys()].map((offset) => letter('x', offset)))
    expect(server.batches.map((batch) => batch.map(({ Id }) => Id))).toEqual([
      ['0', '1', '2', '3', '4'],
      ['1', '3'],
      ['1', '3'],
    ])
    expect(server.messages).toHaveLength(5)
    expect(waits).toEqual([0, 1])
  })
  test('fails the batch after four tries, in the words of the queue', async () => {
    const { server, sink } = await queue(({ Id }) => (Id === '2' ? 'InternalError' : null))
    await expect(sink.send([...Array(4).keys()].map((offset) => letter('x', offset)))).rejects.toThrow(
      /did not take 1 of 4 in 4 tries\. It says: InternalError: told to/,
    )
    expect(server.batches).toHaveLength(4)
  })
  test('so does a queue that is not there', async () => {
    const { server, sink } = await queue()
    await server[Symbol.asyncDispose]()
    open.clear()
    await expect(sink.send([letter('x')])).rejects.toMatchObject({ code: 'SINK_FAILED' })
  })
})

describe('a record over the limit of a message', () => {
  const value = Buffer.from('é'.repeat(2_500_000))
  test('is kept as coordinates, digest and as many of its bytes as fit', async () => {
    const { server, sink } = await queue()
    await sink.send([letter(value, 7)])
    const [message] = server.messages
    expect(bytesOf(server.messages)).toBeGreaterThan(maxBatchBytes - 300)
    const body = JSON.parse(message?.MessageBody ?? '')
    expect(body).toMatchObject({
      id: 'stock-ticks-0-7',
      key: 'QUFQTA==',
      reason: 'NOT_JSON',
      truncated: { value: { bytes: 5_000_000, sha256: createHash('sha256').update(value).digest('hex') } },
    })
    const kept = Buffer.from(body.value, 'base64')
    expect(kept.equals(value.subarray(0, kept.length))).toBe(true)
  })
  test('also where the key, the headers or the words are what is long', async () => {
    const { server, sink } = await queue()
    const big = Buffer.alloc(300_000, 1)
    await sink.send([
      deadLetterOf('tape', aRecord({ key: big, value: 'v' }), 'NOT_JSON', 'why'),
      deadLetterOf('tape', aRecord({ headers: [{ key: 'h', value: big }], value: null }), 'TOMBSTONE', 'why'),
      deadLetterOf('tape', aRecord({ value: 'v' }), 'NOT_JSON', 'w'.repeat(300_000)),
    ])
    expect(server.messages.map(({ MessageBody }) => JSON.parse(MessageBody))).toMatchObject([
      { key: big.subarray(0, 1024).toString('base64'), value: 'dg==', truncated: { key: { bytes: 300_000 } } },
      { headers: [], value: null, truncated: { headers: { bytes: expect.any(Number) } } },
      { value: 'dg==', detail: 'w'.repeat(1024) },
    ])
    for (const batch of server.batches) expect(bytesOf(batch)).toBeLessThanOrEqual(maxBatchBytes)
  })
})
