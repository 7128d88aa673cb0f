import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LocalBroker, startKafka } from '../../../local/kafka/broker.ts'
import { withAdmin } from '../../../local/kafka/connection.ts'
import { makeTopic } from '../../../local/kafka/topics.ts'
import { isAlive } from '../../../local/process/identity.ts'
import { freePort } from '../../../local/process/port.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'

let dataDir: string
let running: LocalBroker | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'microbatch-broker-'))
})
afterEach(async () => {
  await running?.kill()
  running = undefined
  rmSync(dataDir, { recursive: true, force: true })
})

const log = () => {}
const client = (kafka: LocalBroker) => new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING })

async function produce(kafka: LocalBroker, topic: string, value: string): Promise<void> {
  const producer = client(kafka).producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  await producer.send({ topic, messages: [{ value }], acks: -1 })
  await producer.disconnect()
}

async function recordsIn(kafka: LocalBroker, topic: string): Promise<number> {
  const admin = client(kafka).admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  return offsets.reduce((sum, partition) => sum + Number(partition.high), 0)
}

const makeKept = (brokers: readonly string[]) =>
  withAdmin({ brokers, allowed: noRemoteHosts }, (admin) => makeTopic(admin, 'kept', 3))

test('a broker killed with -9 and started again on its folder has its records and its identity', async () => {
  const port = await freePort()
  running = await startKafka({ dataDir, port, log })
  const first = running
  expect(await makeKept(first.brokers)).toBe(true)
  await produce(first, 'kept', 'before the crash')

  await first.kill()
  expect(isAlive(first.pid)).toBe(false)

  running = await startKafka({ dataDir, port, log })
  expect(running.clusterId).toBe(first.clusterId)
  expect(running.pid).not.toBe(first.pid)
  expect(await makeKept(running.brokers)).toBe(false)
  expect(await recordsIn(running, 'kept')).toBe(1)
  await produce(running, 'kept', 'after it')
  expect(await recordsIn(running, 'kept')).toBe(2)

  await running.stop()
  expect(isAlive(running.pid)).toBe(false)
})

test('a port taken by another process is named, and nothing is sent to it', async () => {
  const received: Buffer[] = []
  const server = createServer((socket) => socket.on('data', (bytes) => received.push(bytes)).on('error', () => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    await expect(startKafka({ dataDir, port, log })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(new RegExp(`port ${port} is taken by process ${process.pid} \\(.*node`)),
    })
    expect(received).toEqual([])
  } finally {
    server.close()
  }
})

test('a second start on a folder in use says whose it is', async () => {
  running = await startKafka({ dataDir, port: await freePort(), log })
  await expect(startKafka({ dataDir, port: await freePort(), log })).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
    message: expect.stringContaining(`pid ${running.pid}`),
  })
})
