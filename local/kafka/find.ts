// Which Kafka a local run uses: the one that KAFKA_BROKERS names; else our own on the JVM, running already or started now;
// else the one of docker-compose.yml; else one message with the ways. Nothing is written to a Kafka that is not ours unless
// KAFKA_BROKERS names it, and it must be on this machine unless its host was allowed by name.
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { type AllowedHosts, assertAllowedHost, hostOf } from 'serverless-offline-kafka-mapping/internal/safety'
import { describeExit } from '../process/child.ts'
import { composeIn, dockerIsMissing } from '../process/compose.ts'
import { isAlive } from '../process/identity.ts'
import { describeListener, isTaken, listenerOn } from '../process/port.ts'
import { type KafkaOptions, readClusterId, runningBroker, startKafka, tailOf } from './broker.ts'
import { defaultLibsDir, javaIsMissing } from './distribution.ts'
import { probe } from './probe.ts'

export interface FindOptions extends KafkaOptions {
  /** KAFKA_BROKERS. */
  readonly configured: readonly string[] | undefined
  /** Hosts beyond this machine that may be dialled. */
  readonly allowed: AllowedHosts
  /** Where docker-compose.yml would be. */
  readonly folder: string
}

export interface RunningKafka {
  readonly brokers: readonly string[]
  /** How it came to be, for a person: `Apache Kafka on the JVM, pid 1234`. */
  readonly description: string
  /** The log of a broker that we started; undefined for any other. */
  readonly logFile: string | undefined
  /** Resolves with the reason when a broker that we started ends; undefined for one that is not ours to watch. */
  readonly ended: Promise<string> | undefined
  /** Ends what was started here, and nothing else. */
  stop(): Promise<void>
  /** The same at once, without grace. */
  kill(): Promise<void>
}

/**
 * @throws LocalError KAFKA_UNAVAILABLE with every way to get one; PORT_TAKEN naming who has the port; REMOTE_REFUSED
 * @example const kafka = await findOrStartKafka({ configured: ['localhost:9092'], port: 9092, … })
 */
export async function findOrStartKafka(options: FindOptions): Promise<RunningKafka> {
  if (options.configured !== undefined) return configuredKafka(options.configured, options)
  const running = await ownKafkaRunning(options)
  if (running !== undefined) return running
  const noJava = await javaIsMissing(options.libsDir ?? defaultLibsDir)
  if (noJava === undefined) return javaKafka(options)
  const noDocker = await dockerIsMissing(options.folder)
  if (noDocker === undefined) return dockerKafka(options)
  throw new LocalError(
    'KAFKA_UNAVAILABLE',
    `No Kafka. Any one of these will do:
  - Java 17 or newer and Maven (${noJava})
  - Docker with Compose (${noDocker})
  - a Kafka of your own on this machine: microbatch start --brokers localhost:9092`,
  )
}

async function configuredKafka(brokers: readonly string[], options: FindOptions): Promise<RunningKafka> {
  for (const address of brokers) assertAllowedHost(hostOf(address), 'the Kafka of KAFKA_BROKERS', options.allowed)
  const cluster = await probe(brokers, 5_000, options.allowed)
  if (cluster === undefined) {
    throw new LocalError('KAFKA_UNAVAILABLE', `KAFKA_BROKERS is ${brokers.join(',')}, and no Kafka answers there`)
  }
  return foundKafka(brokers, `KAFKA_BROKERS, cluster ${cluster.clusterId}`)
}

/** A broker on our own data folder whose owner lives: another start of ours, which will end it when it ends. */
async function ownKafkaRunning(options: FindOptions): Promise<RunningKafka | undefined> {
  const running = runningBroker(options.dataDir)
  if (running === undefined || !isAlive(running.owner)) return undefined
  const brokers = [`localhost:${options.port}`]
  const cluster = await probe(brokers, 5_000)
  if (cluster === undefined || cluster.clusterId !== readClusterId(options.dataDir)) return undefined
  return foundKafka(brokers, `Apache Kafka on the JVM, pid ${running.pid}, which process ${running.owner} started`)
}

function foundKafka(brokers: readonly string[], description: string): RunningKafka {
  const nothing = async () => {}
  return { brokers, description, logFile: undefined, ended: undefined, stop: nothing, kill: nothing }
}

async function javaKafka(options: FindOptions): Promise<RunningKafka> {
  const { port, internalPort, log } = options
  const internal = internalPort === undefined || (await isTaken(internalPort)) ? undefined : internalPort
  if (internal !== internalPort) {
    log(
      `port ${internalPort} is taken by ${describeListener(listenerOn(Number(internalPort)))}: no listener for containers`,
    )
  }
  const { internalPort: _, ...rest } = options
  try {
    const broker = await startKafka({ ...rest, ...(internal === undefined ? {} : { internalPort: internal }) })
    return {
      ...broker,
      description: `Apache Kafka on the JVM, pid ${broker.pid}`,
      ended: broker.exited.then((exit) =>
        // killed from outside it could not say anything; otherwise its last words tell why
        exit.signal === null ? `${describeExit(exit)}; ${broker.logFile}:\n${tailOf(broker.logFile)}` : exit.signal,
      ),
    }
  } catch (error) {
    throw error instanceof LocalError && error.code === 'PORT_TAKEN' ? await foreignOn(port, error) : error
  }
}

/** Says what has our port, whether it is a Kafka, and the ways on. */
async function foreignOn(port: number, cause: LocalError): Promise<LocalError> {
  const cluster = await probe([`localhost:${port}`], 2_000)
  const holder = describeListener(listenerOn(port))
  const message =
    cluster === undefined
      ? `Port ${port} is taken by ${holder}; it does not answer as Kafka.
  - end it, or
  - give ours another port: KAFKA_PORT=${port + 100}`
      : `Port ${port} is taken by ${holder}: a Kafka, but not the one of this folder (cluster ${cluster.clusterId}). Nothing was written to it.
  - to use it: microbatch start --brokers localhost:${port}
  - to give ours another port: KAFKA_PORT=${port + 100}
  - or end it`
  return new LocalError('PORT_TAKEN', message, { cause })
}

/** The service `kafka` of docker-compose.yml. One that ran before is used, and left running. */
async function dockerKafka({ folder, port, log, signal }: FindOptions): Promise<RunningKafka> {
  const compose = composeIn(folder, { KAFKA_PORT: String(port) })
  const wasRunning = (await compose.running()).has('kafka')
  const ours = { stop: () => compose.run(['stop', 'kafka']), kill: () => compose.run(['kill', 'kafka']) }
  if (!wasRunning) log('starting Kafka by docker compose')
  try {
    await compose.run(['up', '--detach', '--wait', 'kafka'], signal)
    const brokers = [`localhost:${port}`]
    const cluster = await probe(brokers, 10_000)
    signal?.throwIfAborted()
    if (cluster === undefined)
      throw new LocalError(
        'KAFKA_UNAVAILABLE',
        `docker compose started kafka, but nothing answers as Kafka at ${brokers[0]}`,
      )
    const found = foundKafka(brokers, `docker compose, service kafka, cluster ${cluster.clusterId}`)
    return wasRunning ? found : { ...found, ...ours }
  } catch (error) {
    if (!wasRunning)
      await ours.stop().catch((second: unknown) => log(`WARN  Kafka may still run: ${messageOf(second)}`))
    throw error
  }
}
