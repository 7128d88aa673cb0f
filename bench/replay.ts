// npm run bench -- --only replay: a range of 1,000,000 records of a real topic, in process, beside kafkajs's own eachBatch over the same
// topic. Contestants take turns, each in a process of its own; the rate and the peak of memory are printed.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { z } from 'zod'
import { startKafka } from '../local/kafka/broker.ts'
import { freePort } from '../local/process/port.ts'
import type { Figure } from './baseline.ts'
import { median } from './measure.ts'

const records = 1_000_000
const partitions = 3
const rounds = 3
const topic = 'bench'

const contestants = [
  ['raw', 'kafkajs eachBatch', 'mapping-contestant.ts'],
  ['empty', 'replay, an empty handler', 'replay-contestant.ts'],
  ['query', 'replay, a window query with state in memory', 'replay-contestant.ts'],
] as const

/** A record a millisecond over the partitions, of about a hundred bytes. */
async function produce(broker: string): Promise<void> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const configEntries = [{ name: 'retention.ms', value: '-1' }]
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] })
  await admin.disconnect()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const at = 1_767_623_400_000
  const each = 9_999
  for (let sent = 0; sent < records; sent += each) {
    const messages = Array.from({ length: Math.min(each, records - sent) }, (_, index) => {
      const number = sent + index
      const value = JSON.stringify({ customer: `customer-${number % 50}`, amount: number % 1000, time: at + number })
      return { partition: number % partitions, value, timestamp: String(at + number) }
    })
    await producer.send({ topic, messages })
  }
  await producer.disconnect()
}

const result = z.object({ seconds: z.number(), peakMb: z.number() })

async function run(name: string, script: string, broker: string): Promise<z.output<typeof result>> {
  const words = [
    '--name',
    name,
    '--broker',
    broker,
    ...(name === 'raw' ? ['--topic', topic, '--records', String(records)] : []),
  ]
  const options = ['--disable-warning=TimeoutNegativeWarning', '--max-semi-space-size=16']
  const file = join(import.meta.dirname, script)
  const { stdout } = await promisify(execFile)(process.execPath, [...options, file, ...words], { timeout: 300_000 })
  return result.parse(JSON.parse(stdout))
}

export async function benchReplay(): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-bench-'))
  const kafka = await startKafka({ dataDir, port: await freePort(), log: () => undefined })
  try {
    const [broker = ''] = kafka.brokers
    await produce(broker)
    const results = new Map<string, Array<z.output<typeof result>>>(contestants.map(([name]) => [name, []]))
    for (let round = 0; round < rounds; round += 1)
      for (const [name, , script] of contestants) results.get(name)?.push(await run(name, script, broker))
    const perSecond = (name: string) => records / median((results.get(name) ?? []).map(({ seconds }) => seconds))
    console.log(`\nReplay of ${records.toLocaleString('en-US')} records of a topic, partitions: ${partitions}`)
    for (const [name, description] of contestants) {
      const peak = Math.max(...(results.get(name) ?? []).map(({ peakMb }) => peakMb))
      const rate = Math.round(perSecond(name)).toLocaleString('en-US').padStart(10)
      const share = (perSecond(name) / perSecond('raw')).toFixed(2)
      console.log(`  ${description.padEnd(46)}${rate} records/s   ${share} of kafkajs   peak ${peak.toFixed(0)} MB`)
    }
    return contestants.slice(1).map(([name, description]) => ({
      ...{ name: description, value: perSecond(name) / perSecond('raw'), better: 'higher' as const },
    }))
  } finally {
    await kafka.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
