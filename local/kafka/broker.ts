// One Apache Kafka broker on a JVM, KRaft, without Docker. Everything it keeps is in its data folder: started again with the
// same folder, also after kill -9, it goes on where it was. It listens on this machine only and never outlives us.
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type Child, type ChildExit, describeExit, startChild } from '../process/child.ts'
import { commandOf, isAlive } from '../process/identity.ts'
import { describeListener, freePort, isTaken, listenerOn } from '../process/port.ts'
import { untilReady } from '../process/ready.ts'
import { defaultLibsDir, kafkaClassPath } from './distribution.ts'
import { probe } from './probe.ts'
import { serverProperties } from './server-properties.ts'

export interface KafkaOptions {
  /** Everything the broker keeps: records, offsets, its identity, its log. */
  readonly dataDir: string
  readonly port: number
  /** The listener that containers use, advertised as `kafka:29092`; left out, there is none. */
  readonly internalPort?: number
  /** Left out, a free one: nobody but the broker itself uses it. */
  readonly controllerPort?: number
  readonly libsDir?: string
  /** Gives up a start under way, and ends what it started. */
  readonly signal?: AbortSignal
  /** Progress, a line at a time. */
  readonly log: (line: string) => void
}

export interface LocalBroker {
  readonly brokers: readonly string[]
  readonly clusterId: string
  readonly pid: number
  readonly logFile: string
  readonly exited: Promise<ChildExit>
  /** SIGTERM and wait: Kafka closes its logs; SIGKILL after 20 s. */
  stop(): Promise<void>
  /** SIGKILL and wait, as a crash would. */
  kill(): Promise<void>
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 20_000

/**
 * Starts a broker and waits until it answers a metadata request.
 * @throws LocalError PORT_TAKEN naming who has the port; ALREADY_RUNNING when a living start of ours uses this folder;
 *   CHILD_FAILED with the last lines of the broker's log
 * @example
 * const kafka = await startKafka({ dataDir: '.local/kafka/data', port: 9092, log: console.error })
 * await kafka.stop()
 */
export async function startKafka(options: KafkaOptions): Promise<LocalBroker> {
  const dataDir = resolve(options.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const files = filesOf(dataDir)
  await endOrphan(dataDir, options.log)
  if (await isTaken(options.port)) {
    const holder = describeListener(listenerOn(options.port))
    throw new LocalError('PORT_TAKEN', `port ${options.port} is taken by ${holder}; nothing was sent to it`)
  }
  const classPath = await kafkaClassPath(options.libsDir ?? defaultLibsDir, options.log, options.signal)
  const settings = {
    dataDir: files.records,
    port: options.port,
    controllerPort: options.controllerPort ?? (await freePort()),
    internalPort: options.internalPort,
  }
  writeFileSync(files.properties, serverProperties(settings), { mode: 0o600 })
  const clusterId = readClusterId(dataDir) ?? (await formatStorage(dataDir, classPath))

  const child = await javaProcess(files, [...jvmOptions, '-cp', classPath, 'kafka.Kafka', files.properties])
  writeFileSync(files.pid, JSON.stringify({ pid: child.pid, owner: process.pid }), { mode: 0o600 })
  const brokers = [`localhost:${options.port}`]
  await untilReady({
    ...{ child, what: 'Kafka', startTimeoutMs, stopTimeoutMs, signal: options.signal },
    isReady: async () => (await probe(brokers, 1_000))?.clusterId === clusterId,
    failure: (problem) => failureWithLog(problem, files.log),
  })
  return {
    brokers,
    clusterId,
    pid: child.pid,
    logFile: files.log,
    exited: child.exited,
    async stop() {
      await child.stop('SIGTERM', stopTimeoutMs)
    },
    async kill() {
      await child.kill()
    },
  }
}

/** The identity kept in a data folder; undefined before its first start. */
export function readClusterId(dataDir: string): string | undefined {
  const { clusterId } = filesOf(dataDir)
  return existsSync(clusterId) ? readFileSync(clusterId, 'utf8').trim() : undefined
}

const jvmOptions = ['-Xmx128m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.showDateTime=true']

function filesOf(dataDir: string) {
  return {
    records: join(dataDir, 'records'),
    properties: join(dataDir, 'server.properties'),
    clusterId: join(dataDir, 'cluster-id'),
    pid: join(dataDir, 'broker.json'),
    log: join(dataDir, 'broker.log'),
  }
}

type BrokerFiles = ReturnType<typeof filesOf>

/** Gives the folder its identity. The file `cluster-id` is written last: without it the folder was never whole. */
async function formatStorage(dataDir: string, classPath: string): Promise<string> {
  const files = filesOf(dataDir)
  rmSync(files.records, { recursive: true, force: true })
  // Kafka takes 16 bytes as base64url; one that began with `-` would be read as an option
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'm')
  const tool = ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', files.properties]
  const child = await javaProcess(files, ['-Xmx64m', '-XX:+UseSerialGC', ...tool])
  const exit = await child.exited
  if (exit.code !== 0) throw failureWithLog(`the data folder could not be formatted (${describeExit(exit)})`, files.log)
  writeFileSync(`${files.clusterId}.new`, clusterId, { mode: 0o600 })
  renameSync(`${files.clusterId}.new`, files.clusterId)
  return clusterId
}

/** A Java whose words go to the log file; the log of the run before is kept as `broker.log.1`. */
async function javaProcess(files: BrokerFiles, args: readonly string[]): Promise<Child> {
  if (existsSync(files.log)) renameSync(files.log, `${files.log}.1`)
  const log = openSync(files.log, 'w', 0o600)
  try {
    return await startChild({ command: 'java', args, stdio: ['ignore', log, log] })
  } finally {
    closeSync(log)
  }
}

/** The error of a child whose words are in a log. */
export const failureWithLog = (what: string, logFile: string): LocalError =>
  new LocalError('CHILD_FAILED', `${what}. The end of ${logFile}:\n${tailOf(logFile)}`)

/** The last lines of a broker's log, without the frames of stack traces; where somebody has deleted it, that. */
export function tailOf(logFile: string, lines = 12): string {
  if (!existsSync(logFile)) return '  | (it is gone)'
  const all = readFileSync(logFile, 'utf8').trimEnd().split('\n')
  return all
    .filter((line) => !/^\s+at /.test(line))
    .slice(-lines)
    .map((line) => `  | ${line.slice(0, 300)}`)
    .join('\n')
}

/**
 * A broker on this folder whose owner has died is being ended by its keeper: wait for that, and do it ourselves if the keeper
 * died too. One whose owner lives is left alone.
 */
export async function endOrphan(dataDir: string, log: (line: string) => void): Promise<void> {
  const running = runningBroker(dataDir)
  if (running === undefined) return
  if (isAlive(running.owner)) {
    throw new LocalError(
      'ALREADY_RUNNING',
      `${dataDir} is in use by the broker with pid ${running.pid}, started by process ${running.owner}`,
    )
  }
  log(`ending the broker that a start before this one left behind (pid ${running.pid})`)
  for (let waitedMs = 0; runningBroker(dataDir) !== undefined; waitedMs += 100) {
    if (waitedMs === 1_000) process.kill(running.pid, 'SIGTERM')
    if (waitedMs === stopTimeoutMs) process.kill(running.pid, 'SIGKILL')
    await new Promise((wake) => setTimeout(wake, 100))
  }
}

/** The living broker of a data folder: its pid from the file, believed only if the command line is a Kafka on this folder. */
export function runningBroker(dataDir: string): { readonly pid: number; readonly owner: number } | undefined {
  const files = filesOf(resolve(dataDir))
  if (!existsSync(files.pid)) return undefined
  const text = readFileSync(files.pid, 'utf8')
  const pid = Number(/"pid":(\d+)/.exec(text)?.[1])
  const owner = Number(/"owner":(\d+)/.exec(text)?.[1])
  if (!Number.isInteger(pid) || commandOf(pid)?.includes(files.properties) !== true) return undefined
  return { pid, owner }
}
