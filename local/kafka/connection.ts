// How the commands reach a Kafka: which addresses, which credentials, and that nothing is dialled that was not allowed, not even
// where a broker advertises it.
import type { Admin, Kafka as KafkaClient, Producer } from 'kafkajs'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import {
  type AllowedHosts,
  assertAllowedHost,
  guardedSocketFactory,
  hostOf,
} from 'serverless-offline-kafka-mapping/internal/safety'
import type { KafkaSecurity } from 'serverless-offline-kafka-mapping/internal/settings/kafka-security'
import { Kafka, logLevel, Partitioners } from 'serverless-offline-kafka-mapping/internal/source/kafkajs'

export interface KafkaAddress {
  readonly brokers: readonly string[]
  readonly allowed: AllowedHosts
  /** Left out: plaintext, no credentials. */
  readonly security?: KafkaSecurity
}

export interface ConnectionTries {
  readonly timeoutMs: number
  readonly retries: number
  /** Told of an advertised address that was not dialled; kafkajs takes it for one that does not answer. */
  readonly refused?: (error: LocalError) => void
}

/** @example connectionTo({ brokers: ['localhost:9092'], allowed: noRemoteHosts }, { timeoutMs: 2_000, retries: 0 }).admin() */
export function connectionTo(
  { brokers, allowed, security }: KafkaAddress,
  { timeoutMs, retries, refused = () => {} }: ConnectionTries,
): KafkaClient {
  return new Kafka({
    clientId: 'microbatch-local',
    brokers: [...brokers],
    ...security,
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    retry: { retries },
    socketFactory: guardedSocketFactory(allowed, refused),
    logLevel: logLevel.NOTHING,
  })
}

const patient = { timeoutMs: 10_000, retries: 5 } as const

/**
 * Asks a Kafka something, by a connection of its own.
 * @throws LocalError KAFKA_UNAVAILABLE with kafkajs's reason; REMOTE_REFUSED; a LocalError of `work` as it is
 * @example await withAdmin(address, (admin) => admin.listTopics())
 */
export async function withAdmin<T>(address: KafkaAddress, work: (admin: Admin) => Promise<T>): Promise<T> {
  return withClient(address, (kafka) => kafka.admin(), work)
}

/**
 * The same with a producer that stores a batch once, however often it has to be sent, and partitions keys as Java's does.
 * @example await withProducer(address, (producer) => producer.send({ topic, messages }))
 */
export async function withProducer<T>(address: KafkaAddress, work: (producer: Producer) => Promise<T>): Promise<T> {
  const options = { idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false }
  const make = (kafka: KafkaClient) =>
    kafka.producer({ ...options, createPartitioner: Partitioners.DefaultPartitioner })
  return withClient(address, make, work)
}

async function withClient<C extends Admin | Producer, T>(
  address: KafkaAddress,
  make: (kafka: KafkaClient) => C,
  work: (client: C) => Promise<T>,
): Promise<T> {
  const { brokers, allowed } = address
  for (const broker of brokers) assertAllowedHost(hostOf(broker), 'the broker', allowed)
  let refusal: LocalError | undefined
  const refused = (error: LocalError) => {
    refusal = error
  }
  const client = make(connectionTo(address, { ...patient, refused }))
  try {
    await client.connect().catch((error: unknown) => {
      throw (
        refusal ?? unavailable(brokers, 'does not answer. Does start run? Another Kafka is named by --brokers.', error)
      )
    })
    return await work(client)
  } catch (error) {
    if (error instanceof LocalError) throw error
    throw refusal ?? (isKafkaError(error) ? unavailable(brokers, `refused it: ${messageOf(error)}`, error) : error)
  } finally {
    await client.disconnect().catch(() => {}) // there was no connection to end
  }
}

const isKafkaError = (error: unknown): boolean => error instanceof Error && /^KafkaJS/.test(error.name)

const unavailable = (brokers: readonly string[], what: string, cause: unknown): LocalError =>
  new LocalError('KAFKA_UNAVAILABLE', `Kafka at ${brokers.join(',')} ${what}`, { cause })
