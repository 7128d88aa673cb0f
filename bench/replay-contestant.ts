// One contestant of bench/replay.ts, in a process of its own: a range of a topic through an empty handler, or through a query with
// state, as `microbatch replay` does it; prints, as JSON, how long it took from the first record to the last and its peak of memory.

import { parseArgs } from 'node:util'
import {
  count,
  json,
  kafkaHandler,
  long,
  memoryDeadLetters,
  memoryState,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from 'microbatch'
import { rangesOf } from '../local/kafka/offset-range.ts'
import { openTopic } from '../local/kafka/topic-reader.ts'
import { createPacer } from '../local/replay/pace.ts'
import { replay } from '../local/replay/run.ts'
import type { ReplayTarget } from '../local/replay/target.ts'
import { topicBatches } from '../local/replay/topic-batches.ts'
import { noRemoteHosts } from '../mapping/safety.ts'
import { readSettings } from '../mapping/settings/settings.ts'

const { values } = parseArgs({
  options: { name: { type: 'string', default: 'empty' }, broker: { type: 'string', default: 'localhost:9092' } },
})
const { name, broker } = values
const topic = 'bench'

const Order = struct({ customer: string(), amount: long(), time: timestamp() })
const query = stream('totals')
  .readKafka({ topic })
  .decode(json(Order))
  .withWatermark('time', '1 minute')
  .groupBy(window('time', '1 minute'), 'customer')
  .agg({ orders: count(), total: sum('amount') })
  .writeStream({ outputMode: 'update', sinks: [{ description: 'none', write: async () => undefined }] })

const empty = async (): Promise<void> => undefined
const handler =
  name === 'query'
    ? kafkaHandler(query, { state: memoryState(), deadLetters: memoryDeadLetters(), partitions: 3 })
    : empty

const target: ReplayTarget = {
  name,
  invoke: async ({ event }) => ({ kind: 'success', returned: await handler(event), rows: undefined }),
  restore: async () => undefined,
  queries: () => [],
  close: () => undefined,
}

const [settings] = readSettings(
  {
    ...{ service: 'bench', stage: 'dev', region: 'eu-west-1' },
    functions: {
      bench: {
        events: [
          {
            kafka: {
              accessConfigurations: { vpcSubnet: 'subnet-0011001100', vpcSecurityGroup: 'sg-0011001100' },
              ...{ bootstrapServers: [broker], topic, batchSize: 10_000, maximumBatchingWindow: 3 },
            },
          },
        ],
      },
    },
  },
  Date.now(),
)
if (settings === undefined) throw new Error('no mapping')

const reader = await openTopic({ brokers: [broker], topic, allowed: noRemoteHosts })
const ranges = await rangesOf(reader, { kind: 'earliest' }, { kind: 'latest' })
const source = topicBatches({ reader, ranges, settings, brokers: [broker] })
const { signal } = new AbortController()
let [firstAtMs, peakBytes] = [0, 0]
const end = await replay({
  ...{ batches: source.batches(), fraction: source.fraction, target, numDone: 0 },
  pacer: createPacer({ pace: { kind: 'max' }, signal, input: process.stdin, say: () => undefined }),
  progress: { update: () => undefined, clear: () => undefined },
  onOutcome: () => {
    if (firstAtMs === 0) firstAtMs = performance.now()
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  },
})
const seconds = (performance.now() - firstAtMs) / 1000
await reader.close()
console.log(JSON.stringify({ seconds, peakMb: peakBytes / 1e6, records: end.numRecords, batches: end.numBatches }))
