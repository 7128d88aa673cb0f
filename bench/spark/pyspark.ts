// PySpark and its connector to Kafka, fetched once by pip and Maven below .local, and one run of query.py.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { describeExit, startChild } from '../../local/process/child.ts'
import { type Usage, watchProcesses } from './process-tree.ts'

const here = import.meta.dirname
const requirements = join(here, 'requirements.txt')
const pom = join(here, 'pom.xml')
/** All that spark-submit wants beside what PySpark brings. */
const artifacts = 'spark-sql-kafka-0-10_2.12,spark-token-provider-kafka-0-10_2.12,kafka-clients,commons-pool2'

export interface PySpark {
  readonly folder: string
}

/** @throws Error with what pip or Maven said */
export async function installPySpark(log: (line: string) => void): Promise<PySpark> {
  const hash = createHash('sha256').update(readFileSync(requirements)).update(readFileSync(pom)).digest('hex')
  const parent = join(here, '../../.local/pyspark')
  const folder = join(parent, hash.slice(0, 12))
  if (existsSync(join(folder, 'jars'))) return { folder }
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
  return { folder }
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
  readonly folder?: string
}

const answer = z.object({ seconds: z.number(), records: z.number() })

/** @throws Error where Spark fails, or counts other records than there are */
export async function runPySpark(
  { folder }: PySpark,
  options: SparkRun,
): Promise<Usage & { readonly seconds: number }> {
  const jars = readdirSync(join(folder, 'jars')).map((name) => join(folder, 'jars', name))
  const configuration = [
    `spark.sql.shuffle.partitions=${options.shufflePartitions}`,
    'spark.driver.bindAddress=127.0.0.1',
    'spark.driver.host=127.0.0.1',
    'spark.ui.enabled=false',
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
      FOLDER: options.folder ?? '',
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
    throw new Error(`Spark ended with ${describeExit(exit)}:\n${said.join('').slice(-4_000)}`)
  const { records } = answer.parse(JSON.parse(line))
  if (records !== options.records) throw new Error(`Spark read ${records} records of ${options.records}`)
  return { seconds, ...usage }
}

function sparkHome(folder: string): string {
  const [python = ''] = readdirSync(join(folder, 'lib')).filter((name) => name.startsWith('python'))
  return join(folder, 'lib', python, 'site-packages/pyspark')
}
