// What a real broker refuses, and what is late or bad, in a topic.
import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import {
  count,
  deadLettersTo,
  json,
  kafkaHandler,
  memorySink,
  memoryState,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../../lib/index.ts'
import { kafkaSink } from '../../../lib/sink/topics/index.ts'
import { anEvent, aRecord } from '../../builders.ts'
import { aBar, aBatch } from '../../sink/batches.ts'
import { createTopics } from '../topic.ts'
import { committed } from './committed.ts'

const brokers = inject('brokers')
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
const admin: Admin = kafka.admin()
beforeAll(() => admin.connect())
afterAll(() => admin.disconnect())

async function aTopic(configEntries: { name: string; value: string }[] = []): Promise<string> {
  const topic = `limits-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions: 1, configEntries }])
  return topic
}

test.each([false, true])(
  'a row that the topic itself finds too large is set aside, the others are there (transactional: %s)',
  async (transactional) => {
    const topic = await aTopic([{ name: 'max.message.bytes', value: '2000' }])
    const letters = memorySink<{ readonly reason: string; readonly id: string; readonly detail: string }>()
    const sink = kafkaSink({ topic, connection: { brokers }, transactional, oversized: deadLettersTo(letters) })
    const symbols = ['A', 'x'.repeat(5000), 'B', 'C', 'y'.repeat(3000), 'D']
    await sink.write(aBatch(symbols.map((symbol, i) => ({ id: `${i}`, row: aBar(symbol) }))))
    await sink.close?.()
    expect((await committed(brokers, topic)).map(({ key }) => String(key))).toEqual(['0', '2', '3', '5'])
    expect(letters.rows.map(({ id, reason }) => [id, reason])).toEqual([
      ['bars/1', 'VALUE_TOO_LONG'],
      ['bars/4', 'VALUE_TOO_LONG'],
    ])
    expect(letters.rows[0]?.detail).toMatch(/the row 1 has 51\d\d bytes, the topic takes fewer/)
  },
)

test('late rows and dead letters go to a topic, too, and a letter that is larger than it takes is cut', async () => {
  const topic = await aTopic()
  const sink = kafkaSink<object>({ topic, connection: { brokers }, maxMessageBytes: 10_000 })
  const Tick = struct({ symbol: string(), at: timestamp() })
  const query = stream('ticks')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .withWatermark('at', '1 second')
    .groupBy(window('at', '10 seconds'))
    .agg({ ticks: count() })
    .writeStream({ outputMode: 'append', sinks: [memorySink()], lateSink: sink, maxFuture: 'off' })
  const options = { state: memoryState(), partitions: 1, log: () => undefined }
  const handler = kafkaHandler(query, { deadLetters: deadLettersTo(sink), ...options })
  const values = ['{"symbol":"A","at":100000}', '{"symbol":"B","at":1000}', 'x'.repeat(50_000)]
  for (const [offset, value] of values.entries()) await handler(anEvent([aRecord({ offset, value })]))
  await sink.close?.()
  const found = (await committed(brokers, topic)).map(({ value }) => JSON.parse(String(value)))
  const cut = expect.stringMatching(/\(cut: the value had 50000 bytes, SHA-256 [0-9a-f]{64}\)/)
  expect(found).toMatchObject([{ symbol: 'B' }, { id: 'stock-ticks-0-2', reason: 'NOT_JSON', detail: cut }])
})

test('an invocation that is near its end fails the batch in time', async () => {
  const nobody = kafkaSink({ topic: 't', connection: { brokers: ['127.0.0.1:1'] } })
  const call = { remainingMs: () => 1300, setAside: async () => undefined }
  const rows = aBatch([{ id: 'a', row: aBar('A') }])
  await expect(nobody.write(rows, call)).rejects.toThrow('the topic t did not take 1 rows')
})
