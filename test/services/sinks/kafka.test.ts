// Rows in a real topic: what a reader finds there, with the sink killed before and after each request that writes.
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { deadLettersTo, memorySink, type Sink } from '../../../lib/index.ts'
import { kafkaSink } from '../../../lib/sink/topics/index.ts'
import { aBar, aBatch } from '../../sink/batches.ts'
import { type Gate, killEverywhere, type Mode } from '../../sink/kill-everywhere.ts'
import { createTopics } from '../topic.ts'
import { read } from '../topics/read.ts'

const brokers = inject('brokers')
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
const admin: Admin = kafka.admin()
const named = (what: string) => `${what}-${randomUUID()}`
const topics = { plain: named('plain'), together: named('together') }
/** How many runs each mode has, how many rows its result, and how many rows are twice in all runs together. */
const modes: readonly (readonly [Mode, string, number, number, number])[] = [
  ['rows', named('rows'), 15, 14, 26],
  ['append', named('append'), 77, 12, 62],
  ['update', named('update'), 43, 4, 15],
]

beforeAll(async () => {
  await admin.connect()
  const compacted = [{ name: 'cleanup.policy', value: 'compact' }]
  await createTopics(admin, [
    ...Object.values(topics).map((topic) => ({ topic, numPartitions: 1 })),
    ...modes.map(([, topic]) => ({ topic, numPartitions: 1, configEntries: compacted })),
  ])
})
afterAll(() => admin.disconnect())

async function all(topic: string) {
  const [{ high = '0' } = {}] = await admin.fetchTopicOffsets(topic)
  const { rows } = await read(brokers, topic, ({ position }) => expect(position).toBe(Number(high)))
  return rows
}

const rows = [
  { id: 'AAPL', version: 3, row: aBar('AAPL', 151) },
  { id: 'MSFT', version: 4, row: aBar('MSFT', 372.1) },
]

test('a message has the row as JSON, its id as the key, and its id and version as headers', async () => {
  const sink = kafkaSink({ topic: topics.plain, connection: { brokers } })
  await sink.open?.()
  await sink.write(aBatch(rows, { outputMode: 'update' }))
  const byColumn = kafkaSink<ReturnType<typeof aBar>>({
    topic: topics.plain,
    connection: async () => ({ brokers }),
    key: { column: 'high' },
    headers: ({ symbol }) => ({ symbol }),
  })
  await byColumn.write(aBatch(rows.slice(0, 1)))
  await Promise.all([sink.close?.(), byColumn.close?.()])
  const found = (await all(topics.plain)).map(({ key, value, headers }) => [
    String(key),
    String(value),
    Object.fromEntries(headers.map((header) => [header.key, String(header.value)])),
  ])
  expect(found).toEqual([
    ['AAPL', '{"symbol":"AAPL","high":151,"volume":100}', { id: 'AAPL', version: '3' }],
    ['MSFT', '{"symbol":"MSFT","high":372.1,"volume":100}', { id: 'MSFT', version: '4' }],
    ['151', '{"symbol":"AAPL","high":151,"volume":100}', { id: 'AAPL', version: '3', symbol: 'AAPL' }],
  ])
})

test('a batch in a transaction is read whole or not at all, and the next one goes on with another producer', async () => {
  const topic = topics.together
  const large = 'x'.repeat(2_000_000)
  const sink = kafkaSink({ topic, connection: { brokers }, transactional: true, maxMessageBytes: 3_000_000 })
  const tooLarge = aBatch([...rows, { id: 'IBM', row: aBar(large) }])
  await expect(sink.write(tooLarge)).rejects.toThrow(`the topic ${topic} did not take 3 rows`)
  await sink.write(aBatch(rows))
  await sink.close?.()
  const consumer = kafka.consumer({ groupId: named('g'), readUncommitted: false })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const seen: string[] = []
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(String(message.key))
        if (seen.length === 2) resolve()
      },
    })
  })
  await consumer.disconnect()
  expect(seen).toEqual(['AAPL', 'MSFT'])
})

test('a row that no message holds fails the batch and is named, or is a dead letter', async () => {
  const options = { topic: topics.plain, connection: { brokers }, maxMessageBytes: 400 }
  const large = aBatch([{ id: 'IBM', row: aBar('x'.repeat(500)) }])
  const refused = `the row IBM has 617 bytes, the topic ${topics.plain} takes 400`
  await expect(kafkaSink(options).write(large)).rejects.toThrow(refused)
  const letters = memorySink<{ readonly reason: string; readonly id: string }>()
  await kafkaSink({ ...options, oversized: deadLettersTo(letters) }).write(large)
  expect(letters.rows).toMatchObject([{ reason: 'VALUE_TOO_LONG', id: 'bars/IBM' }])
})

test('a Kafka that does not answer fails the batch when the time is over', async () => {
  const nobody = kafkaSink({ topic: 't', connection: { brokers: ['127.0.0.1:1'] }, timeoutMs: 300 })
  await expect(nobody.open?.()).rejects.toThrow('Kafka does not answer for the topic t.')
  await expect(nobody.write(aBatch(rows))).rejects.toThrow('the topic t did not take 2 rows')
})

/** The requests that write: Produce and EndTxn (KIP-98). */
const writing = new Set([0, 26])

/** A socket whose writing requests pass a gate. */
function gatedSocket(gate: Gate, opened: Socket[]) {
  return ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket => {
    const socket = connect({ host, port }, onConnect)
    opened.push(socket)
    const write = socket.write.bind(socket)
    const answered = () => new Promise((resolve) => socket.once('data', resolve))
    socket.write = ((data: Buffer | string) => {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data, 'binary')
      if (!writing.has(bytes.readInt16BE(4))) return write(bytes)
      void gate(async () => {
        const answer = answered()
        write(bytes)
        await answer
      })
      return true
    }) as Socket['write']
    return socket
  }
}

describe('killed before and after each request, a reader that takes the newest of each id', () => {
  test.each(modes)('has the rows of the batch result: %s', async (mode, topic, runs, wanted, repeats) => {
    const sinks: Sink<object>[] = []
    const sockets: Socket[] = []
    let written: ReturnType<typeof all> | undefined
    const findings = await killEverywhere(mode, async (run) => ({
      sink(gate) {
        const sink = kafkaSink<object>({
          topic,
          connection: { brokers, socketFactory: gatedSocket(gate, sockets) },
          headers: () => ({ run: String(run) }),
          // Two or three requests for a batch, so that a kill leaves half of it.
          maxMessageBytes: 400,
          timeoutMs: 5000,
        })
        sinks.push(sink)
        return sink
      },
      async read() {
        written ??= all(topic)
        return (await written).flatMap(({ key, value, headers }) => {
          const header = (name: string) => headers.find((given) => given.key === name)?.value ?? 0
          if (String(header('run')) !== String(run)) return []
          return [{ id: String(key), version: Number(header('version')), text: String(value) }]
        })
      },
    }))
    for (const socket of sockets) socket.destroy()
    await Promise.all(sinks.map((sink) => sink.close?.()))
    expect(findings).toEqual({ runs, rows: wanted, repeats })
  })
})
