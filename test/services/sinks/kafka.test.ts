// Rows in a real topic: what a reader finds there, with the sink killed before and after each request that writes.
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { deadLettersTo, memorySink, type Sink } from '../../../lib/index.ts'
import { kafkaSink } from '../../../lib/sink/topics/index.ts'
import { checkSink, type FoundRow, type Gate } from '../../../lib/testing/index.ts'
import { aBar, aBatch } from '../../sink/batches.ts'
import { expectMeasured } from '../../sink/measured.ts'
import { createTopics } from '../topic.ts'
import { read } from '../topics/read.ts'
import { type CommittedMessage, committed as committedIn } from './committed.ts'

const brokers = inject('brokers')
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
const admin: Admin = kafka.admin()
const committed = (topic: string) => committedIn(brokers, topic)
const named = (what: string) => `${what}-${randomUUID()}`
const topics = {
  plain: named('plain'),
  together: named('together'),
  killed: named('killed'),
  fenced: named('fenced'),
  zombies: named('zombies'),
}

beforeAll(async () => {
  await admin.connect()
  await createTopics(
    admin,
    Object.values(topics).map((topic) => ({ topic, numPartitions: 1 })),
  )
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
  expect((await committed(topic)).map(({ key }) => String(key))).toEqual(['AAPL', 'MSFT'])
})

test('an attempt that was given up is fenced by the next container of its transactional id', async () => {
  const sink = () =>
    kafkaSink({ topic: topics.zombies, connection: { brokers }, transactional: { id: topics.zombies } })
  const [asleep, next] = [sink(), sink()]
  const one = (id: string) => aBatch([{ id, row: aBar(id) }])
  await asleep.write(one('AAPL'))
  await next.write(one('MSFT'))
  await expect(asleep.write(one('IBM'))).rejects.toThrow(/did not take 1 rows.*(epoch|fenced)/i)
  await Promise.all([asleep.close?.(), next.close?.()])
  expect((await committed(topics.zombies)).map(({ key }) => String(key))).toEqual(['AAPL', 'MSFT'])
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
    const answered = () => new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
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

/** A message of a run's, as a reader by ids takes it. */
function foundIn(run: number, { key, value, headers }: CommittedMessage): readonly FoundRow[] {
  if (String(headers.run) !== String(run)) return []
  return [{ id: String(key), version: Number(headers.version ?? 0), row: JSON.parse(String(value)) }]
}

describe('killed before, after and paused at each request that writes, a reader by ids has the batch result', {
  timeout: 240_000,
}, () => {
  const sinks: Sink<object>[] = []
  const sockets: Socket[] = []
  const place = (topic: string, transactional: boolean) => {
    let written: ReturnType<typeof committed> | undefined
    return async (run: number) => ({
      sink(gate: Gate) {
        written = undefined
        const sink = kafkaSink<object>({
          topic,
          connection: { brokers, socketFactory: gatedSocket(gate, sockets) },
          headers: () => ({ run: String(run) }),
          // Two or three requests for a batch, so that a kill leaves half of it.
          maxMessageBytes: 400,
          timeoutMs: 5000,
          transactional: transactional && { id: `${topic}-${run}` },
        })
        sinks.push(sink)
        return sink
      },
      async read() {
        written ??= committed(topic)
        return (await written).flatMap((message) => foundIn(run, message))
      },
    })
  }
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    await Promise.all(sinks.map((sink) => sink.close?.()))
  })

  test('of a topic', async () => {
    expectMeasured('kafkaSink', await checkSink(place(topics.killed, false)))
  })

  test('of committed transactions, where an attempt that wakes up is fenced', async () => {
    expectMeasured(
      'kafkaSink, transactional, by its id',
      await checkSink(place(topics.fenced, true), { modes: ['rows', 'update'] }),
    )
  })
})
