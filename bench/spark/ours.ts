// One run of service/ by `sls offline`, from the start of its processes to the last committed offset: with the DynamoDB API of a
// laptop, as `npm start` has it, in a process that counts.

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { type Child, type ChildOptions, describeExit, startChild } from '../../local/process/child.ts'
import { frameworkProcess } from '../../local/process/framework-process.ts'
import { freePort, isTaken } from '../../local/process/port.ts'
import { serverless } from '../offline.ts'
import type { Archive } from './archive.ts'
import { type Usage, watchProcesses } from './process-tree.ts'

export interface OwnRun {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly partitions: number
  readonly window: string
  readonly records: number
  /** Another for each run: each reads from the beginning. */
  readonly groupId: string
  /** For files of Parquet, in place of bars. */
  readonly archive?: Archive | undefined
}

const service = join(import.meta.dirname, 'service')
const timeoutMs = 1_800_000

/** @throws Error where a process ends before all is committed, with its last words */
export async function runOurs(run: OwnRun): Promise<Usage & { readonly seconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'microbatch-bench-'))
  const children: Child[] = []
  const said: string[] = []
  const start = async (process: Pick<ChildOptions, 'command' | 'args' | 'env'>) => {
    const child = await startChild({
      ...process,
      cwd: service,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.process.stdout, child.process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => said.push(text))
    children.push(child)
    return child
  }
  try {
    const [dynamoDbPort, httpPort, lambdaPort] = [await freePort(), await freePort(), await freePort()]
    const beganMs = performance.now()
    const store = await start({
      command: process.execPath,
      args: [join(import.meta.dirname, 'dynamodb.ts'), join(folder, 'state'), String(dynamoDbPort)],
    })
    while (!(await isTaken(dynamoDbPort))) await delay(20)
    const environment = {
      ...process.env,
      PWD: service,
      // Spark has as many tasks at once on this machine.
      KAFKA_MAPPING_MAX_INVOCATIONS: String(availableParallelism()),
      KAFKA_BROKERS: run.brokers.join(','),
      AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${dynamoDbPort}`,
      DEAD_LETTER_FILE: join(folder, 'dead-letters.ndjson'),
      WINDOW: run.window,
      ...archiveEnvironment(run.archive),
      TOPIC: run.topic,
      PARTITIONS: String(run.partitions),
      GROUP_ID: run.groupId,
      HTTP_PORT: String(httpPort),
      LAMBDA_PORT: String(lambdaPort),
    }
    const offline = await start(frameworkProcess(serverless, ['offline'], environment))
    const watch = watchProcesses([store.pid, offline.pid])
    const ended = Promise.race(children.map(({ exited }) => exited))
    await Promise.race([
      untilCommitted(run),
      ended.then((exit) => {
        throw new Error(`ended with ${describeExit(exit)}:\n${said.join('').slice(-4_000)}`)
      }),
    ])
    return { seconds: (performance.now() - beganMs) / 1000, ...(await watch.stop()) }
  } finally {
    for (const child of children.toReversed()) await child.stop('SIGTERM', 10_000)
    rmSync(folder, { recursive: true, force: true })
  }
}

function archiveEnvironment(archive: Archive | undefined): Readonly<Record<string, string>> {
  if (archive === undefined) return {}
  const HANDLER = 'archive.archive'
  if (archive.kind === 'folder') return { HANDLER, FOLDER: archive.folder }
  return { HANDLER, BUCKET: archive.bucket, SINKS_S3_URL: archive.endpoint }
}

async function untilCommitted({ brokers, topic, groupId, records }: OwnRun): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const giveUpAtMs = performance.now() + timeoutMs
    for (;;) {
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] })
      const handled = (committed?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
      if (handled === records) return
      if (performance.now() > giveUpAtMs)
        throw new Error(`${handled} of ${records} records after ${timeoutMs / 1000} s`)
      await delay(100)
    }
  } finally {
    await admin.disconnect()
  }
}
