// Writes to a topic as everybody else does: with Apache Kafka's Java producer, its compressors included. One Java process
// does all jobs of a call, to partition 0.
import { type ExecFileException, execFile } from 'node:child_process'
import { join } from 'node:path'
import { defaultLibsDir, kafkaClassPath } from '../../../local/kafka/distribution.ts'

export interface ProducedRecord {
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  readonly headers?: ReadonlyArray<readonly [string, Buffer | null]>
}

export interface ProduceJob {
  readonly topic: string
  /** Settings of the producer, beside the brokers: `compression.type`, `linger.ms`… */
  readonly config: Readonly<Record<string, string>>
  readonly records: readonly ProducedRecord[]
}

/** @throws Error with Java's own words */
export async function produce(brokers: readonly string[], jobs: readonly ProduceJob[]): Promise<void> {
  const classPath = await kafkaClassPath(defaultLibsDir, (line) => console.error(line))
  const base64 = (bytes: Buffer | null | undefined) => bytes?.toString('base64') ?? null
  const lines = jobs.map(({ topic, config, records }) =>
    JSON.stringify({
      topic,
      config: { 'bootstrap.servers': brokers.join(','), ...config },
      records: records.map(({ key, value, headers = [] }) => ({
        key: base64(key),
        value: base64(value),
        headers: headers.map(([name, bytes]) => [name, base64(bytes)]),
      })),
    }),
  )
  await new Promise<void>((resolve, reject) => {
    const done = (error: ExecFileException | null, _stdout: string, stderr: string) =>
      error === null ? resolve() : reject(new Error(`${error.message}\n${stderr}`))
    const options = ['-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error']
    const java = execFile('java', [...options, '-cp', classPath, join(import.meta.dirname, 'Produce.java')], done)
    java.stdin?.end(lines.join('\n'))
  })
}
