// Is this the right address of Kafka? A broker has a listener for each network that its clients are in, and answers each client
// with the address of the listener that it came by: `localhost:9092` for this machine, `kafka:29092` for containers (docker-compose.yml).
// Pure: what the probe found comes in (broker-probe.ts).
import { hostOf, isLoopback } from 'serverless-offline-kafka-mapping/internal/safety'
import type { Finding } from './finding.ts'

/** Where we look from: a container in the network of docker-compose.yml, or anywhere else. */
export type Place = 'host' | 'container'

/** The first line of the doctor: which of the addresses is ours. */
export const describePlace = (place: Place, hostAddress: string): Finding => ({
  level: 'ok',
  subject: 'from',
  says:
    place === 'host'
      ? `this machine: its address of Kafka is ${hostAddress}, that of containers ${containerAddress}`
      : `a container beside Kafka: its address is ${containerAddress}, that of the host localhost:9092`,
})

export interface ProbedAddress {
  /** `host:port`, as it is configured. */
  readonly address: string
  /** What came of it. */
  readonly result: ProbeResult
}

export type ProbeResult =
  /** Not `host:port`. */
  | { readonly kind: 'noAddress' }
  /** Neither this machine nor allowed by name, so it was not dialled. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknownName' }
  | { readonly kind: 'closed' }
  /** Something accepts connections, and does not answer as Kafka. */
  | { readonly kind: 'notKafka' }
  /** Kafka answers, and sends us on to addresses that we do not reach. */
  | { readonly kind: 'leadsAway'; readonly advertised: readonly string[] }
  | { readonly kind: 'open'; readonly clusterId: string; readonly advertised: readonly string[] }

export interface AddressContext {
  readonly place: Place
  /** The address for clients on this machine: `localhost:9092`. */
  readonly hostAddress: string
  /** Nothing has to answer there yet: start brings this one. */
  readonly isStarted: boolean
}

/** The address for clients in containers: docker-compose.yml and local/kafka/server-properties.ts have it. */
export const containerAddress = 'kafka:29092'

/**
 * @example checkAddress({ address: 'kafka:29092', result: { kind: 'refused' } }, { place: 'host', hostAddress: 'localhost:9092', isStarted: false })
 * // a problem: it is the address for containers, here it is localhost:9092
 */
export function checkAddress({ address, result }: ProbedAddress, context: AddressContext): Finding {
  const { place, hostAddress, isStarted } = context
  const subject = address
  const isContainerPort = address.endsWith(containerAddress.slice(containerAddress.indexOf(':')))
  const isContainerName = hostOf(address) === hostOf(containerAddress)
  const problem = (says: string, remedy: string): Finding => ({ level: 'problem', subject, says, remedy })
  switch (result.kind) {
    case 'noAddress':
      return {
        level: 'problem',
        subject: 'KAFKA_BROKERS',
        says: `${address === '' ? 'an empty address' : address} is not host:port`,
        remedy: `write it as ${place === 'host' ? hostAddress : containerAddress}, several with commas between them`,
      }
    case 'open':
      return {
        level: 'ok',
        subject,
        says: `Kafka, cluster ${result.clusterId}, advertises ${result.advertised.join(', ')}`,
      }
    case 'refused':
    case 'unknownName':
      if (isContainerName && place === 'host') return problem(forContainers(address), useHere(hostAddress))
      return result.kind === 'refused'
        ? problem('not this machine, so it was not dialled', `if it is meant: ALLOW_REMOTE=${hostOf(address)}`)
        : problem('there is no host of this name here', 'correct KAFKA_BROKERS, or join the network that knows it')
    case 'leadsAway': {
      const away = result.advertised.join(', ')
      const says = `Kafka answers, and sends its clients on to ${away}, which is not reached from here`
      if (place === 'host' && result.advertised.some((other) => hostOf(other) === hostOf(containerAddress)))
        return problem(`${says}: this is the listener for containers`, useHere(hostAddress))
      if (place === 'container' && result.advertised.some((other) => isLoopback(hostOf(other))))
        return problem(`${says}: this is the listener for the host`, useInside)
      return problem(says, "advertise addresses that clients reach (the broker's advertised.listeners)")
    }
    case 'closed':
      if (isStarted) return { level: 'ok', subject, says: 'nothing there yet: start starts Kafka' }
      return place === 'container' && isLoopback(hostOf(address))
        ? problem('nothing listens there: in a container, localhost is the container itself', useInside)
        : problem(
            'broker unreachable: nothing listens there',
            place === 'host' && isContainerPort ? useHere(hostAddress) : start,
          )
    case 'notKafka':
      return problem('something listens there and does not answer as Kafka', 'name the right port, or end what has it')
  }
}

const start = 'start it (docker compose up -d kafka), or correct KAFKA_BROKERS'
const forContainers = (address: string): string =>
  `${address} is the address for containers; on this machine there is no host of that name`
const useHere = (hostAddress: string): string =>
  `here use ${hostAddress} (KAFKA_BROKERS=${hostAddress}); see docs/docker.md`
const useInside = `in a container use ${containerAddress} (KAFKA_BROKERS=${containerAddress} ALLOW_REMOTE=kafka); see docs/docker.md`
