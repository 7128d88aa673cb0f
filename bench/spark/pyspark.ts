// PySpark and its connector to Kafka, fetched once by pip and Maven below .local, and one run of query.py.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { describeExit, startChild } from '../../local/process/child.ts'
import type { Archive } from './archive.ts'
import { type Usage, watchProcesses } from './process-tree.ts'

const here = import.meta.dirname
const requirements = join(here, 'requirements.txt')
const pom = join(here, 'pom.xml')
/** All that spark-submit wants beside what PySpark brings. */
const artifacts = 'spark-sql-kafka-0-10_2.12,spark-token-provider-kafka-0-10_2.12,kafka-clients,commons-pool2'

export interface PySpark {
  readonly folder: string
  /** Hadoop's file system over S3, where a bucket is written to. */
  readonly s3aJars: readonly string[]
}

const s3aArtifacts = 'hadoop-aws,aws-java-sdk-bundle,wildfly-openssl'

/** @throws Error with what pip or Maven said */
export async function installPySpark(log: (line: string) => void, withS3: boolean): Promise<PySpark> {
  const folder = await installSpark(log)
  return { folder, s3aJars: withS3 ? await installS3a(join(folder, 's3a'), log) : [] }
}

async function installS3a(target: string, log: (line: string) => void): Promise<readonly string[]> {
  if (!existsSync(target)) {
    log("fetching Spark's way to S3 by Maven (282 MB, once; some seconds)")
    const partial = `${target}.partial`
    rmSync(partial, { recursive: true, force: true })
    const words = ['-B', '-q', '-f', join(here, 's3a.pom.xml'), 'dependency:copy-dependencies']
    await run('mvn', [...words, `-DincludeArtifactIds=${s3aArtifacts}`, `-DoutputDirectory=${partial}`])
    renameSync(partial, target)
  }
  return readdirSync(target).map((name) => join(target, name))
}

async function installSpark(log: (line: string) => void): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).update(readFileSync(pom)).digest('hex')
  const parent = join(here, '../../.local/pyspark')
  const folder = join(parent, hash.slice(0, 12))
  if (existsSync(join(folder, 'jars'))) return folder
  log('fetching PySpark by pip and its connector by Maven (320 MB, once; some minutes)')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(parent, { recursive: true })
  await run('python3', ['-m', 'venv', folder])
  await run(join(folder, 'bin/pip'), ['install', '--quiet', '--requirement', requirements])
  // Last, and at once: where it is, all is there.
  const partial = `${folder}.jars`
  const words = ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DincludeArtifactIds=${artifacts}`]
  await run('mvn', [...words, `-DoutputDirectory=${partial}`])
  renameSync(partial, join(folder, 'jars'))
  return folder
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const child = await startChild({ command, args, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  child.process.stdout?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const exit = await child.exited
  if (exit.code !== 0) throw new Error(`${command} ended with ${describeExit(exit)}:\n${said.join('').slice(-2_000)}`)
}

export interface SparkRun {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly window: string
  readonly shufflePartitions: number
  /** maxOffsetsPerTrigger; undefined for all at once, Spark's default. */
  readonly batchSize: number | undefined
  readonly records: number
  /** For files of Parquet, in place of bars. */
  readonly archive?: Archive | undefined
  /** For the checkpoint of these files. */
  readonly checkpoint?: string | undefined
}

const answer = z.object({ seconds: z.number(), records: z.number() })

/** @throws Error where Spark fails, or counts other records than there are */
export async function runPySpark(
  { folder, s3aJars }: PySpark,
  options: SparkRun,
): Promise<Usage & { readonly seconds: number }> {
  const connector = readdirSync(join(folder, 'jars')).map((name) => join(folder, 'jars', name))
  const jars = [...connector, ...(options.archive?.kind === 'bucket' ? s3aJars : [])]
  const configuration = [
    `spark.sql.shuffle.partitions=${options.shufflePartitions}`,
    'spark.driver.bindAddress=127.0.0.1',
    'spark.driver.host=127.0.0.1',
    'spark.ui.enabled=false',
    ...(options.archive?.kind === 'bucket' ? s3aSettings(options.archive.endpoint) : []),
  ]
  const query = [
    options.brokers.join(','),
    options.topic,
    options.window,
    ...[options.batchSize ?? []].flat().map(String),
  ]
  const beganMs = performance.now()
  const child = await startChild({
    command: join(folder, 'bin/spark-submit'),
    args: [
      ...['--master', 'local[2]', '--driver-memory', '2g', '--jars', jars.join(',')],
      ...configuration.flatMap((setting) => ['--conf', setting]),
      join(here, 'query.py'),
      ...query,
    ],
    env: {
      ...process.env,
      FOLDER: addressOf(options.archive),
      CHECKPOINT: options.checkpoint ?? '',
      PYSPARK_PYTHON: join(folder, 'bin/python'),
      SPARK_HOME: sparkHome(folder),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  const printed: string[] = []
  child.process.stdout?.setEncoding('utf8').on('data', (text: string) => printed.push(text))
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const watch = watchProcesses([child.pid])
  const exit = await child.exited
  const seconds = (performance.now() - beganMs) / 1000
  const usage = await watch.stop()
  const line = printed
    .join('')
    .split('\n')
    .find((each) => each.startsWith('{"seconds"'))
  if (exit.code !== 0 || line === undefined)
    throw new Error(`Spark ended with ${describeExit(exit)}:\n${complaints(said.join('')).slice(-4_000)}`)
  const { records } = answer.parse(JSON.parse(line))
  if (records !== options.records) throw new Error(`Spark read ${records} records of ${options.records}`)
  return { seconds, ...usage }
}

/** The lines of what went wrong, among all that it says. */
const complaints = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /WARN|ERROR|Exception|Error/.test(line) && !line.startsWith('\tat '))
    .join('\n')

const addressOf = (archive: Archive | undefined): string =>
  archive === undefined ? '' : archive.kind === 'folder' ? archive.folder : `s3a://${archive.bucket}/ticks`

/** The S3 of this machine has no host for each bucket, no TLS and no keys. All else are the defaults. */
const s3aSettings = (endpoint: string): readonly string[] =>
  Object.entries({
    endpoint,
    'path.style.access': 'true',
    'connection.ssl.enabled': 'false',
    'access.key': 'laptop',
    'secret.key': 'laptop',
  }).map(([name, value]) => `spark.hadoop.fs.s3a.${name}=${value}`)

function sparkHome(folder: string): string {
  const [python = ''] = readdirSync(join(folder, 'lib')).filter((name) => name.startsWith('python'))
  return join(folder, 'lib', python, 'site-packages/pyspark')
}
