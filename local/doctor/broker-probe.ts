// Looks at a broker's address as a client would: is the name known, does it accept, is it Kafka, and to which addresses does it
// send its clients on. One metadata request; nothing is changed there, and nothing is dialled that the safety rule refuses.
import { lookup } from 'node:dns/promises'
import { existsSync } from 'node:fs'
import { type ISocketFactory, Kafka, logLevel } from 'kafkajs'
import { accepts } from 'serverless-offline-kafka-mapping/internal/invoke/accepts'
import {
  type AllowedHosts,
  guardedSocketFactory,
  hostOf,
  isLoopback,
} from 'serverless-offline-kafka-mapping/internal/safety'
import { containerAddress, type Place, type ProbedAddress, type ProbeResult } from './broker-address.ts'

const timeoutMs = 3_000

/**
 * Docker and Podman each leave a file in what they run. A container outside the network of docker-compose.yml (a workspace in the
 * cloud, say) has the same listeners as any machine: inside is where Kafka's name is known.
 */
export async function placeOfThis(): Promise<Place> {
  const isContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv')
  return isContainer && (await isKnown(hostOf(containerAddress))) ? 'container' : 'host'
}

/** @example await probeAddress('localhost:9092', noRemoteHosts) */
export async function probeAddress(address: string, allowed: AllowedHosts): Promise<ProbedAddress> {
  return { address, result: await probeResultOf(address, allowed) }
}

async function probeResultOf(address: string, allowed: AllowedHosts): Promise<ProbeResult> {
  const host = hostOf(address)
  const port = Number(/[^:]:(\d+)$/.exec(address)?.[1])
  if (!(port >= 1 && port <= 65_535)) return { kind: 'noAddress' }
  if (!isLoopback(host) && !allowed.has(host)) return { kind: 'refused' }
  if (!(await isKnown(host))) return { kind: 'unknownName' }
  if (!(await accepts(host, port, timeoutMs))) return { kind: 'closed' }
  return askKafka(address, allowed)
}

/** Every address that was dialled beyond the first is one that the broker sent us on to. */
async function askKafka(address: string, allowed: AllowedHosts): Promise<ProbeResult> {
  const dialled = new Set<string>()
  const guarded = guardedSocketFactory(allowed, () => {})
  const socketFactory: ISocketFactory = (target) => {
    dialled.add(`${target.host}:${target.port}`)
    return guarded(target)
  }
  const retry = { retries: 0 }
  const timeouts = { connectionTimeout: timeoutMs, requestTimeout: timeoutMs }
  const kafka = new Kafka({ brokers: [address], socketFactory, retry, ...timeouts, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  try {
    await admin.connect()
    const { clusterId, brokers } = await admin.describeCluster()
    return { kind: 'open', clusterId, advertised: brokers.map(({ host, port }) => `${host}:${port}`) }
  } catch {
    const advertised = [...dialled].filter((other) => other !== address)
    return advertised.length === 0 ? { kind: 'notKafka' } : { kind: 'leadsAway', advertised }
  } finally {
    await admin.disconnect().catch(() => {}) // there was no connection to end
  }
}

async function isKnown(host: string): Promise<boolean> {
  try {
    await lookup(host)
    return true
  } catch {
    return false
  }
}
