import { describe, expect, test } from 'vitest'
import type { SinkCall } from '../../lib/index.ts'
import { json, kafkaHandler, memoryDeadLetters, stream, string, struct } from '../../lib/index.ts'
import { s3Sink } from '../../lib/sink/files/s3.ts'
import { eventBridgeSink } from '../../lib/sink/messages/event-bridge-sink.ts'
import { sqsSink } from '../../lib/sink/messages/sqs-sink.ts'
import { isThrottle, timeLeft } from '../../lib/sink/sink-time.ts'
import { dynamoSink } from '../../lib/sink/tables/index.ts'
import { anEvent, aRecord } from '../builders.ts'
import { aBar, aBatch } from './batches.ts'
import { clientOf } from './places.ts'

const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `r${i}`, row: aBar(`S${i}`) }))
const backoffMs = () => 0
const endingIn = (leftMs: number): SinkCall => ({ remainingMs: () => leftMs, setAside: async () => undefined })

/** An error as AWS's clients throw it. */
const named = (name: string): Error => Object.assign(new Error('too fast'), { name })

describe('what a service finds too fast', () => {
  test('is sent again alone, more often than what it refuses for another reason: messages', async () => {
    const sent: number[] = []
    const client = clientOf(({ Entries }) => {
      sent.push(Entries.length)
      return { Failed: sent.length < 9 ? [{ Id: '3', Code: 'RequestThrottled' }] : [] }
    })
    await sqsSink({ queueUrl: 'http://localhost/1/q', client, backoffMs }).write(aBatch(rows(8)))
    expect(sent).toEqual([8, 1, 1, 1, 1, 1, 1, 1, 1])
  })

  test('is sent again alone: events', async () => {
    const sent: number[] = []
    const client = clientOf(({ Entries }) => {
      sent.push(Entries.length)
      return { Entries: Entries.map((_, i) => (sent.length < 7 && i < 2 ? { ErrorCode: 'ThrottlingException' } : {})) }
    })
    await eventBridgeSink({ client, backoffMs }).write(aBatch(rows(5)))
    expect(sent).toEqual([5, 2, 2, 2, 2, 2, 2])
  })

  test('is asked again as a whole where the whole request was too fast', async () => {
    let asked = 0
    const client = clientOf(() => {
      asked += 1
      if (asked < 4) throw named('ThrottlingException')
      return {}
    })
    await eventBridgeSink({ client, backoffMs }).write(aBatch(rows(1)))
    expect(asked).toBe(4)
  })

  test('is put again alone: items of a table', async () => {
    const puts = new Map<string, number>()
    const client = clientOf(({ Item }) => {
      const id = String(Object(Item).id.S)
      puts.set(id, (puts.get(id) ?? 0) + 1)
      if (id === 'r1' && puts.get(id) === 1) throw named('ProvisionedThroughputExceededException')
    })
    await dynamoSink({ table: 'bars', client }).write(aBatch(rows(3)))
    expect([...puts.values()]).toEqual([1, 2, 1])
  })

  test('is put again alone: objects of a bucket', async () => {
    const puts: string[] = []
    const client = clientOf(({ Key }) => {
      puts.push(Key.includes('symbol=S1') ? 'S1' : 'other')
      if (puts.filter((put) => put === 'S1').length === 1 && puts.at(-1) === 'S1') throw named('SlowDown')
    })
    await s3Sink({ bucket: 'rows', partitionBy: ['symbol'], client }).write(aBatch(rows(3)))
    expect(puts.toSorted()).toEqual(['S1', 'S1', 'other', 'other'])
  })

  test('has a name that the SDK knows', () => {
    expect(['ThrottlingException', 'RequestThrottled', 'SlowDown'].every(isThrottle)).toBe(true)
    expect(['InternalError', 'AccessDeniedException', 'ValidationException'].some(isThrottle)).toBe(false)
  })
})

describe('the end of an invocation', () => {
  test('leaves a second for what comes after the sinks', () => {
    expect(timeLeft(endingIn(5000), 20_000)).toBe(4000)
    expect(timeLeft(endingIn(300), 20_000)).toBe(0)
    expect(timeLeft(undefined, 20_000)).toBe(20_000)
  })

  test('fails the batch before it comes, in the words of the queue', async () => {
    const client = clientOf(() => ({ Failed: [{ Id: '0', Code: 'RequestThrottled', Message: 'too fast' }] }))
    const sink = sqsSink({ queueUrl: 'http://localhost/1/q', client, backoffMs: () => 50 })
    await expect(sink.write(aBatch(rows(1)), endingIn(1000))).rejects.toThrow(
      /did not take 1 of 1 rows in 1 tries, and the time for the batch is over\. It says: RequestThrottled: too fast/,
    )
  })

  test('ends the asking for a table, too', async () => {
    let puts = 0
    const client = clientOf(() => {
      puts += 1
      throw named('ProvisionedThroughputExceededException')
    })
    await expect(dynamoSink({ table: 'bars', client }).write(aBatch(rows(1)), endingIn(1100))).rejects.toThrow(
      'the table bars did not take a row. ProvisionedThroughputExceededException: too fast',
    )
    expect(puts).toBe(1)
  })

  test('is what the context of the handler says', async () => {
    const left: number[] = []
    const sink = {
      description: 'asks',
      write: async (_: unknown, call?: SinkCall) => void left.push(call?.remainingMs() ?? -1),
    }
    const query = stream('q')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(struct({ symbol: string() })))
    const handler = kafkaHandler(query.writeStream({ sinks: [sink] }), { deadLetters: memoryDeadLetters() })
    const event = anEvent([aRecord({ value: '{"symbol":"A"}' })])
    await handler(event, { getRemainingTimeInMillis: () => 4321 })
    await handler(event)
    expect(left).toEqual([4321, Number.POSITIVE_INFINITY])
  })
})
