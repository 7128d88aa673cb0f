// One mapping in a process of its own, to be killed: its function fails at random, and writes what it handled to a file that
// all instances share, a line for each success, before it answers. O_APPEND makes the lines one order.

import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClocks } from '../../../mapping/clocks.ts'
import { eventPublisher, onMappingEvent } from '../../../mapping/events/channel.ts'
import { inProcess } from '../../../mapping/invoke/in-process.ts'
import { Mapping } from '../../../mapping/mapping.ts'
import { journal } from '../../../mapping/report/journal.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { readSettings } from '../../../mapping/settings/settings.ts'
import { kafkaSource } from '../../../mapping/source/kafka-source.ts'

const [broker = '', topic = '', file = ''] = process.argv.slice(2)
const event = {
  kafka: { bootstrapServers: [broker], topic, batchSize: 200, maximumBatchingWindow: 0, consumerGroupId: topic },
}
const definition = { service: 'chaos', stage: 'dev', region: 'us-east-1', functions: { chaos: { events: [event] } } }
const [settings] = readSettings(definition, Date.now())
if (settings === undefined) throw new Error('no mapping')

const say = (text: string) => console.error(text)
const quiet = () => undefined
const log = { notice: quiet, warning: quiet, info: quiet, debug: quiet, error: say }
const events = eventPublisher(settings)
onMappingEvent(journal(log), events.mapping)
const mapping = new Mapping({
  settings,
  origin: { eventSource: 'SelfManagedKafka', bootstrapServers: broker },
  functionName: 'chaos-dev-chaos',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:chaos-dev-chaos',
  source: kafkaSource({
    ...settings,
    brokers: [broker],
    // The broker's least: what was killed is noticed sooner.
    sessionTimeoutMs: 6_000,
    allowed: noRemoteHosts,
    events,
    debug: quiet,
  }),
  invoker: inProcess(async ({ records }) => {
    await delay(Math.random() * 10)
    if (Math.random() < 0.02) throw new Error('told to')
    const handled = Object.values(records).map((rows) => [rows[0]?.partition, rows.map(({ offset }) => offset)])
    appendFileSync(file, `${JSON.stringify(handled)}\n`)
    // Where it is killed here, the records come a second time.
    await delay(Math.random() * 10)
  }, 'json'),
  filter: undefined,
  destination: undefined,
  events,
  ...systemClocks,
})
mapping.start()
process.on('SIGTERM', () => void mapping.stop(new AbortController().signal).then(() => process.exit(0)))
