// npm run bench:mapping: a topic of 1,000,000 records of 200 bytes to an empty handler, BatchSize 10,000, beside kafkajs's own
// eachBatch. Contestants take turns, each in a process of its own, on one broker; medians are compared, of one run only.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { z } from 'zod'
import { startKafka } from '../local/kafka/broker.ts'
import { freePort } from '../local/process/port.ts'
import { median } from './measure.ts'
import { startEmptyFunction } from './offline.ts'

const help = `npm run bench:mapping -- [--records 1000000] [--rounds 3] [--partitions 3] [--only NAME ...] [--platformatic FOLDER]

  --records N     in the topic, 200 bytes each
  --rounds N      of which the median counts
  --partitions N  of the topic
  --only NAME     raw, source, object, page, json, endpoint, slow or platformatic; again for more (all but source and platformatic)
  --platformatic FOLDER  where @platformatic/kafka was installed, outside this project
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '3' },
    platformatic: { type: 'string', default: '' },
    only: { type: 'string', multiple: true, default: ['raw', 'object', 'page', 'json', 'endpoint', 'slow'] },
  },
})
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
const records = Number(values.records)
const topic = 'bench'

const descriptions = new Map([
  ['raw', 'kafkajs eachBatch'],
  ['source', "the mapping's source alone"],
  ['platformatic', '@platformatic/kafka, its stream'],
  ['object', 'mapping, the event as an object'],
  ['page', 'the same, with its page open'],
  ['json', 'mapping, its JSON written and parsed'],
  ['endpoint', "mapping, through serverless-offline's endpoint"],
  ['slow', 'mapping, a handler of one second'],
])

async function produce(broker: string): Promise<void> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: Number(values.partitions) }] })
  await admin.disconnect()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const value = Buffer.alloc(200, 'x')
  // A request's records of a partition are one record batch, of which a broker takes 1 MB.
  const each = 3_333 * Number(values.partitions)
  for (let sent = 0; sent < records; sent += each)
    await producer.send({
      topic,
      messages: Array.from({ length: Math.min(each, records - sent) }, () => ({ value })),
    })
  await producer.disconnect()
}

const result = z.object({ seconds: z.number(), peakMb: z.number() })

async function run(name: string, broker: string): Promise<z.output<typeof result>> {
  await using offline = name === 'endpoint' ? await startEmptyFunction() : undefined
  const script = join(import.meta.dirname, 'mapping-contestant.ts')
  const words = ['--name', name, '--broker', broker, '--topic', topic, '--records', String(records)]
  const options = ['--disable-warning=TimeoutNegativeWarning', script, ...words, '--endpoint', offline?.endpoint ?? '']
  if (name === 'platformatic') options.push('--platformatic', values.platformatic)
  const { stdout } = await promisify(execFile)(process.execPath, options, { timeout: 300_000 })
  return result.parse(JSON.parse(stdout))
}

const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-bench-'))
const kafka = await startKafka({ dataDir, port: await freePort(), log: () => undefined })
try {
  const [broker = ''] = kafka.brokers
  await produce(broker)
  const names = values.only
  const results = new Map<string, Array<z.output<typeof result>>>(names.map((name) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const name of names) if (name !== 'slow' || round === 0) results.get(name)?.push(await run(name, broker))
  const perSecond = (name: string) => records / median((results.get(name) ?? []).map(({ seconds }) => seconds))
  console.log(
    `${records.toLocaleString('en-US')} records of 200 bytes, partitions: ${values.partitions}, Node ${process.version}`,
  )
  for (const name of names) {
    const peak = Math.max(...(results.get(name) ?? []).map(({ peakMb }) => peakMb))
    const rate = Math.round(perSecond(name)).toLocaleString('en-US').padStart(10)
    const share = ((100 * perSecond(name)) / perSecond('raw')).toFixed(0).padStart(4)
    console.log(
      `  ${(descriptions.get(name) ?? name).padEnd(46)}${rate} records/s ${share} %   peak ${peak.toFixed(0)} MB`,
    )
  }
} finally {
  await kafka.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
