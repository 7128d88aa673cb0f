// One Kafka for all service tests, on a free port, its data in a temporary folder; ended and removed at the end. A test that
// kills and restarts a broker starts its own with startKafka.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startKafka } from '../../local/kafka/broker.ts'
import { freePort } from '../../local/process/port.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `inject('brokers')`: as kafkajs takes them, `['localhost:PORT']`. */
    brokers: string[]
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-kafka-'))
  const kafka = await startKafka({ dataDir, port: await freePort(), log: (line) => console.error(line) })
  project.provide('brokers', [...kafka.brokers])
  return async () => {
    await kafka.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
