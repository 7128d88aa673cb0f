// Asks a Kafka who it is: one metadata request, which changes nothing there.
import { type AllowedHosts, noRemoteHosts } from 'serverless-offline-kafka-mapping/internal/safety'
import { connectionTo } from './connection.ts'

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
  const admin = connectionTo({ brokers, allowed }, { timeoutMs, retries: 0 }).admin()
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
