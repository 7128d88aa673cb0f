// A service of one stateful query in a folder of its own, under git, with the packages of this repository: small, so that the framework
// reads it quickly.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from './microbatch.ts'

const definition = `service: small
provider:
  name: aws
  runtime: nodejs24.x
functions:
  totals:
    handler: handler.totals
    events:
      - kafka:
          accessConfigurations: { vpcSubnet: subnet-0011001100, vpcSecurityGroup: sg-0011001100 }
          bootstrapServers: ['\${env:KAFKA_BROKERS, "localhost:9092"}']
          topic: \${env:TOPIC, 'orders'}
          batchSize: 5
          maximumBatchingWindow: 2
`

/** @param high the aggregate of the column `high`, as its code */
const handler = (high: string) => `
import { consoleSink, count, json, kafkaHandler, long, max, memoryDeadLetters, memoryState, min, stream, string, struct, sum, timestamp, window } from 'microbatch'
import { fileDeadLetters } from 'microbatch'
const Order = struct({ customer: string(), amount: long(), time: timestamp() })
const topic = process.env.TOPIC || 'orders'
export const totalsQuery = stream('totals').readKafka({ topic }).decode(json(Order))
  .withWatermark('time', '1 minute').groupBy(window('time', '10 seconds'), 'customer')
  .agg({ orders: count(), total: sum('amount'), high: ${high} })
  .writeStream({ outputMode: 'update', sinks: [consoleSink({ truncate: false })] })
const deadLetters = process.env.DEAD_LETTER_FILE ? fileDeadLetters(process.env.DEAD_LETTER_FILE) : memoryDeadLetters()
export const totals = kafkaHandler(totalsQuery, { state: memoryState(), deadLetters, partitions: 2 })
void [min, max]
`

export interface SmallService {
  /** Writes the handler with another aggregate. */
  readonly write: (high: string) => void
  readonly git: (...words: readonly string[]) => string
}

export function aSmallService(folder: string): SmallService {
  mkdirSync(folder, { recursive: true })
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...words], {
      cwd: folder,
      encoding: 'utf8',
    })
  const write = (high: string) => writeFileSync(join(folder, 'handler.mjs'), handler(high))
  writeFileSync(join(folder, 'serverless.yml'), definition)
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n.local\n')
  symlinkSync(join(projectDir, 'node_modules'), join(folder, 'node_modules'))
  write("max('amount')")
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'first')
  return { write, git }
}
