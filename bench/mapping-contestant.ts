// One contestant of bench/mapping.ts, in a process of its own: reads the whole topic as a new group and prints, as JSON, how
// long it took from the first record to the last and what memory it took at most.

import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import type { KafkaEvent } from '../lib/event/kafka-event.ts'
import { systemClocks } from '../mapping/clocks.ts'
import { createFaults } from '../mapping/dispatch/faults.ts'
import { createPermits, noPermitLimits } from '../mapping/dispatch/permits.ts'
import { eventPublisher, onMappingEvent } from '../mapping/events/channel.ts'
import { inProcess } from '../mapping/invoke/in-process.ts'
import type { Invoker } from '../mapping/invoke/invoker.ts'
import { lambdaApi } from '../mapping/invoke/lambda-api.ts'
import { Mapping } from '../mapping/mapping.ts'
import { openPage, type Page } from '../mapping/page/page.ts'
import { shownMapping } from '../mapping/page/shown-mappings.ts'
import { journal } from '../mapping/report/journal.ts'
import { noRemoteHosts } from '../mapping/safety.ts'
import { type MappingSettings, readSettings } from '../mapping/settings/settings.ts'
import { kafkaSource } from '../mapping/source/kafka-source.ts'

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'raw' },
    broker: { type: 'string', default: 'localhost:9092' },
    topic: { type: 'string', default: 'bench' },
    records: { type: 'string', default: '1000000' },
    endpoint: { type: 'string', default: '' },
    platformatic: { type: 'string', default: '' },
  },
})
const { name, broker, topic, endpoint } = values
const total = Number(values.records)

let firstAtMs = 0
let cpuAtFirst = process.cpuUsage()
let count = 0
const done = Promise.withResolvers<void>()
const begin = (): void => {
  firstAtMs = performance.now()
  cpuAtFirst = process.cpuUsage()
}
const seen = (records: number): void => {
  if (firstAtMs === 0) begin()
  count += records
  if (count >= total) done.resolve()
}

async function raw(): Promise<() => Promise<void>> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: randomUUID() })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: async ({ batch }) => seen(batch.messages.length) })
  return () => consumer.disconnect()
}

/** The part of @platformatic/kafka that is used here; it is no dependency of this project. */
interface PlatformaticConsumer {
  consume(options: object): Promise<NodeJS.EventEmitter>
  close(force: boolean): Promise<void>
}

/** Messages come one by one, key and value as bytes: no deserializer is given. */
async function platformatic(): Promise<() => Promise<void>> {
  const load = createRequire(join(values.platformatic, 'package.json'))
  const { Consumer }: { readonly Consumer: new (options: object) => PlatformaticConsumer } = load('@platformatic/kafka')
  const consumer = new Consumer({ clientId: 'bench', groupId: randomUUID(), bootstrapBrokers: [broker] })
  // kafkajs's fetch sizes: its own default of 50 MB would bring half of the topic before the clock begins.
  const fetch = { maxBytes: 10_485_760, maxBytesPerPartition: 1_048_576, maxWaitTime: 250 }
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false, ...fetch })
  stream.on('data', () => seen(1))
  return () => consumer.close(true)
}

/** The mapping's reading without the mapping: fetched batches are counted and let go. */
async function source(): Promise<() => Promise<void>> {
  const consumerGroupId = randomUUID()
  const reader = kafkaSource({
    ...{ brokers: [broker], topic, consumerGroupId, allowed: noRemoteHosts, debug: quiet },
    startingPosition: { kind: 'TRIM_HORIZON' },
    events: eventPublisher({ functionKey: 'bench', topic, consumerGroupId }),
  })
  reader.start({
    assigned: ({ start }) => start.offset,
    ...{ joined: quiet, revoked: quiet, topicMissing: quiet },
    records: (_partition, rows) => seen(rows.length),
  })
  return () => reader.close()
}

const countOf = (event: KafkaEvent): number =>
  Object.values(event.records).reduce((sum, records) => sum + records.length, 0)

const empty = async (event: KafkaEvent): Promise<void> => seen(countOf(event))

function counted(invoker: Invoker): Invoker {
  return {
    ...invoker,
    invoke: async (...given) => {
      if (firstAtMs === 0) begin()
      const outcome = await invoker.invoke(...given)
      if (outcome.kind === 'success') seen(given[1].recordCount)
      else console.error(JSON.stringify(outcome))
      return outcome
    },
  }
}

const quiet = () => undefined
const log = { notice: quiet, warning: console.error, error: console.error, info: quiet, debug: quiet }

function invokerOf(): Invoker {
  switch (name) {
    case 'object':
    case 'page':
      return inProcess(empty, 'object')
    case 'json':
      return inProcess(empty, 'json')
    case 'slow':
      return inProcess(async (event) => {
        await delay(1_000)
        await empty(event)
      }, 'json')
    case 'endpoint':
      return counted(lambdaApi({ endpoint, region: 'us-east-1', allowed: noRemoteHosts, log }))
    default:
      throw new Error(`no contestant ${name}`)
  }
}

async function mapped(): Promise<() => Promise<void>> {
  const functions = {
    bench: {
      events: [{ kafka: { bootstrapServers: [broker], topic, batchSize: 10_000, consumerGroupId: randomUUID() } }],
    },
  }
  const definition = { service: 'bench', stage: 'dev', region: 'us-east-1', functions }
  const [settings] = readSettings(definition, Date.now())
  if (settings === undefined) throw new Error('no mapping')
  const events = eventPublisher(settings)
  onMappingEvent(journal(log), events.mapping)
  const mapping = new Mapping({
    settings,
    origin: { eventSource: 'SelfManagedKafka', bootstrapServers: broker },
    functionName: 'bench-dev-bench',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench-dev-bench',
    source: kafkaSource({ ...settings, brokers: [broker], allowed: noRemoteHosts, events, debug: quiet }),
    invoker: invokerOf(),
    filter: undefined,
    destination: undefined,
    events,
    ...systemClocks,
  })
  const page = name === 'page' ? await watched(mapping, settings) : undefined
  mapping.start()
  return async () => {
    await mapping.stop(AbortSignal.abort())
    await page?.close()
  }
}

/** The page of the mapping, with a browser that reads it. */
async function watched(mapping: Mapping, settings: MappingSettings): Promise<Page> {
  const faults = createFaults()
  const invoker = inProcess(empty, 'object')
  const running = { mapping, settings, identity: settings, functionName: 'bench-dev-bench', faults }
  const shown = shownMapping(running, invoker, createPermits(noPermitLimits))
  const page = await openPage({ port: 0, service: 'bench-dev', mappings: [shown], log })
  const { origin, searchParams } = new URL(page.url ?? '')
  const reading = await fetch(`${origin}/feed`, { headers: { 'x-page-token': searchParams.get('token') ?? '' } })
  void reading.body?.pipeTo(new WritableStream()).catch(quiet)
  return page
}

const clients = new Map([
  ['raw', raw],
  ['source', source],
  ['platformatic', platformatic],
])
const stop = await (clients.get(name) ?? mapped)()
await done.promise
const seconds = (performance.now() - firstAtMs) / 1000
const { user, system } = process.cpuUsage(cpuAtFirst)
const cpuSeconds = (user + system) / 1e6
const peakMb = process.resourceUsage().maxRSS / 1024
await stop()
console.log(JSON.stringify({ seconds, cpuSeconds, peakMb }))
