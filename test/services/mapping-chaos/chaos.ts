// npm run chaos:mapping: a real broker, four partitions, keyed records, a function that fails at random, while the mapping is
// killed with -9 and started again, a second one joins and leaves, and the broker is restarted. Afterwards: every record was
// handled, first successes are in order in each partition, and no commit ever stood above a record that was not handled.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Admin, Kafka, logLevel, Partitioners } from 'kafkajs'
import { z } from 'zod'
import { startKafka } from '../../../local/kafka/broker.ts'
import { type Child, startChild } from '../../../local/process/child.ts'
import { freePort } from '../../../local/process/port.ts'

export interface ChaosOptions {
  readonly records: number
  readonly kills: number
  readonly brokerRestarts: number
  readonly say: (line: string) => void
}

export interface ChaosResult {
  readonly handled: number
  readonly duplicates: number
  readonly invocations: number
  readonly seconds: number
}

const partitions = 4
const topic = 'chaos'
const handledLine = z.array(z.tuple([z.number(), z.array(z.number())]))

/** @throws Error naming the first promise that was broken */
export async function chaos({ records, kills, brokerRestarts, say }: ChaosOptions): Promise<ChaosResult> {
  const beganAtMs = performance.now()
  const folder = mkdtempSync(join(tmpdir(), 'microbatch-chaos-'))
  const file = join(folder, 'handled.ndjson')
  writeFileSync(file, '')
  const port = await freePort()
  const broker = `localhost:${port}`
  const start = () => startKafka({ dataDir: join(folder, 'kafka'), port, log: () => undefined })
  let kafka = await start()
  const client = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    retry: { retries: 30, maxRetryTime: 1_000 },
  })
  const admin = client.admin()
  const instances = new Set<Child>()
  const begin = async (): Promise<Child> => {
    const args = [
      '--disable-warning=TimeoutNegativeWarning',
      join(import.meta.dirname, 'instance.ts'),
      broker,
      topic,
      file,
    ]
    const child = await startChild({ command: process.execPath, args, stdio: ['ignore', 'ignore', 'inherit'] })
    instances.add(child)
    void child.exited.then(() => instances.delete(child))
    return child
  }
  try {
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
    let main = await begin()
    // It goes on through all turns, so that whatever is killed is at work.
    const producing = produce(client, records, Math.max(kills, brokerRestarts) * 8_000)
    for (let turn = 0; turn < Math.max(kills, brokerRestarts); turn += 1) {
      const second = await begin()
      await delay(2_500)
      await assertNoCommitAbove(admin, file)
      if (turn < kills) {
        say(`killing the first instance, ${turn + 1} of ${kills}`)
        await main.kill()
        await delay(1_000)
        main = await begin()
      }
      await delay(1_500)
      await second.stop('SIGTERM', 10_000)
      if (turn < brokerRestarts) {
        say('restarting the broker')
        await kafka.stop()
        kafka = await start()
      }
      await assertNoCommitAbove(admin, file)
    }
    await producing
    say('everything is produced; waiting for the last commit')
    await untilAllCommitted(admin, file, records)
    await main.stop('SIGTERM', 10_000)
    return { ...assertHandled(file, records, await ends(admin)), seconds: (performance.now() - beganAtMs) / 1000 }
  } finally {
    await Promise.all([...instances].map((child) => child.kill()))
    // A client of a broker that is stopped next: its leaving may not be heard.
    await admin.disconnect().catch(() => undefined)
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function produce(client: Kafka, records: number, durationMs: number): Promise<void> {
  // Idempotent, so that a retry over the broker's restart writes nothing twice.
  const producer = client.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  await producer.connect()
  for (let sent = 0; sent < records; sent += 500) {
    const count = Math.min(500, records - sent)
    const messages = Array.from({ length: count }, (_, index) => ({
      key: `k${(sent + index) % 97}`,
      value: `${sent + index}`,
    }))
    await producer.send({ topic, messages, acks: -1 })
    await delay((durationMs * count) / records)
  }
  await producer.disconnect()
}

/** By partition, the offsets in the order of their first success, and how many successes there were beyond. */
function handledIn(file: string) {
  const firsts = Array.from({ length: partitions }, () => new Set<number>())
  let duplicates = 0
  let invocations = 0
  const lines = readFileSync(file, 'utf8').split('\n')
  // The last part has no newline: a line that is being written.
  for (const line of lines.slice(0, -1)) {
    invocations += 1
    for (const [partition, offsets] of handledLine.parse(JSON.parse(line)))
      for (const offset of offsets) {
        if (firsts[partition]?.has(offset) === true) duplicates += 1
        firsts[partition]?.add(offset)
      }
  }
  return { firsts, duplicates, invocations }
}

/** A broker that was just restarted loads its groups first, and says so. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      if (tries === 60) throw error
      await delay(500)
    }
  }
}

async function commits(admin: Admin): Promise<ReadonlyMap<number, number>> {
  const [answer] = await patiently(() => admin.fetchOffsets({ groupId: topic, topics: [topic] }))
  return new Map((answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]))
}

const ends = async (admin: Admin): Promise<ReadonlyMap<number, number>> =>
  new Map(
    (await patiently(() => admin.fetchTopicOffsets(topic))).map(({ partition, high }) => [partition, Number(high)]),
  )

async function assertNoCommitAbove(admin: Admin, file: string): Promise<void> {
  // First the commits, then what was handled: a success is written before its commit.
  const committed = await commits(admin)
  const { firsts } = handledIn(file)
  for (const [partition, offset] of committed)
    for (let below = 0; below < offset; below += 1)
      if (firsts[partition]?.has(below) !== true)
        throw new Error(`partition ${partition} is committed at ${offset}, and ${below} is not handled`)
}

async function untilAllCommitted(admin: Admin, file: string, records: number): Promise<void> {
  const deadlineMs = performance.now() + 120_000
  while (performance.now() < deadlineMs) {
    await assertNoCommitAbove(admin, file)
    const committed = await commits(admin)
    if ([...committed.values()].reduce((sum, offset) => sum + Math.max(0, offset), 0) >= records) return
    await delay(500)
  }
  throw new Error(`not everything was committed: ${JSON.stringify([...(await commits(admin))])}`)
}

function assertHandled(file: string, records: number, logEnds: ReadonlyMap<number, number>) {
  const { firsts, duplicates, invocations } = handledIn(file)
  for (const [partition, offsets] of firsts.entries()) {
    if (offsets.size !== logEnds.get(partition))
      throw new Error(`partition ${partition}: ${offsets.size} of ${logEnds.get(partition)} records are handled`)
    let last = -1
    for (const offset of offsets) {
      if (offset < last) throw new Error(`partition ${partition}: ${offset} was first handled after ${last}`)
      last = offset
    }
  }
  const handled = firsts.reduce((sum, offsets) => sum + offsets.size, 0)
  if (handled !== records) throw new Error(`${handled} records in the topic, ${records} were produced`)
  return { handled, duplicates, invocations }
}

if (import.meta.main) {
  const result = await chaos({ records: 100_000, kills: 3, brokerRestarts: 1, say: console.log })
  console.log(
    `${result.handled} records, each handled at least once and first in order, in ${result.invocations} successful ` +
      `invocations; ${result.duplicates} handled twice; ${result.seconds.toFixed(0)} s`,
  )
}
