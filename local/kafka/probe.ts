// Asks a Kafka who it is: one metadata request, which changes nothing there. Also makes a topic, where it is missing.
import { Kafka, logLevel } from 'kafkajs'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import {
  type AllowedHosts,
  guardedSocketFactory,
  noRemoteHosts,
} from 'serverless-offline-kafka-mapping/internal/safety'

export interface Cluster {
  readonly clusterId: string
  readonly brokers: number
}

/** The cluster behind an address, or undefined when nothing there answers as Kafka within `timeoutMs`. */
export async function probe(
  brokers: readonly string[],
  timeoutMs = 2_000,
  allowed: AllowedHosts = noRemoteHosts,
): Promise<Cluster | undefined> {
  const admin = connectionTo(brokers, { timeoutMs, retries: 0, allowed }).admin()
  try {
    await admin.connect()
    const cluster = await admin.describeCluster()
    return { clusterId: cluster.clusterId, brokers: cluster.brokers.length }
  } catch {
    return undefined // that it does not answer is the answer
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/**
 * Makes a topic, or finds it there; returns its partition count.
 * @throws LocalError KAFKA_UNAVAILABLE with kafkajs' reason
 * @example await ensureTopic(['localhost:9092'], 'stock-ticks', 3)
 */
export async function ensureTopic(
  brokers: readonly string[],
  topic: string,
  partitions: number,
  allowed: AllowedHosts = noRemoteHosts,
): Promise<number> {
  const admin = connectionTo(brokers, { timeoutMs: 10_000, retries: 5, allowed }).admin()
  try {
    await admin.connect()
    await admin.createTopics({
      topics: [{ topic, numPartitions: partitions, replicationFactor: -1 }],
      waitForLeaders: true,
    })
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] })
    return metadata.topics[0]?.partitions.length ?? 0
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new LocalError('KAFKA_UNAVAILABLE', `topic ${topic} could not be made at ${brokers.join(',')}: ${reason}`, {
      cause: error,
    })
  } finally {
    await admin.disconnect()
  }
}

interface Connection {
  readonly timeoutMs: number
  readonly retries: number
  readonly allowed: AllowedHosts
}

function connectionTo(brokers: readonly string[], { timeoutMs, retries, allowed }: Connection): Kafka {
  return new Kafka({
    clientId: 'microbatch-local',
    brokers: [...brokers],
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    retry: { retries },
    // a broker on this machine may advertise an address that is not; kafkajs then fails as if nothing answered
    socketFactory: guardedSocketFactory(allowed, () => {}),
    logLevel: logLevel.NOTHING,
  })
}
