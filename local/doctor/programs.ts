// The programs that start needs: Node, and one of the ways to a Kafka (Java with Maven, Docker, one that runs already). Pure:
// what was found comes in, in words.
import type { Finding } from './finding.ts'

/** The first that has all of what is used of it; package.json says the same. */
const wantedNode = { major: 22, minor: 15 }

/** @param version `process.version` of the Node that runs the project */
export function checkNode(version: string): Finding {
  const subject = 'Node'
  const [major = 0, minor = 0] = (/^v(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  const { major: wantedMajor, minor: wantedMinor } = wantedNode
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor))
    return { level: 'ok', subject, says: version }
  return {
    level: 'problem',
    subject,
    says: `${version}, and ${wantedMajor}.${wantedMinor} or newer is needed`,
    remedy: 'install a newer Node: https://nodejs.org',
  }
}

export interface KafkaWays {
  /** Why there is no Java for Kafka, in words; undefined where there is one. */
  readonly javaProblem: string | undefined
  /** Why Kafka's jars cannot be fetched; undefined where they can, or have been. */
  readonly mavenProblem: string | undefined
  /** Why docker compose cannot start one. */
  readonly dockerProblem: string | undefined
  /** KAFKA_BROKERS, as it is set. */
  readonly configured: string | undefined
}

/** One line for each way; a missing one is a problem only where no other is left, and nothing where none is needed. */
export function checkKafkaWays({
  javaProblem,
  mavenProblem,
  dockerProblem,
  configured,
}: KafkaWays): readonly Finding[] {
  const hasJava = javaProblem === undefined && mavenProblem === undefined
  const missing = (subject: string, says: string): Finding => {
    if (configured !== undefined)
      return { level: 'ok', subject, says: `not needed: KAFKA_BROKERS names a Kafka (${says})` }
    if (dockerProblem === undefined)
      return { level: 'warning', subject, says: `${says}; start takes Kafka from docker compose` }
    const remedy =
      'install Java 17 with Maven, or Docker with Compose, or name a Kafka of yours: KAFKA_BROKERS=host:port'
    return { level: 'problem', subject, says: `${says}, and there is no other way to a Kafka here`, remedy }
  }
  return [
    javaProblem === undefined ? { level: 'ok', subject: 'Java', says: 'found' } : missing('Java', javaProblem),
    mavenProblem === undefined
      ? { level: 'ok', subject: 'Maven', says: "found, or not needed: Kafka's jars are here" }
      : missing('Maven', mavenProblem),
    dockerProblem === undefined
      ? { level: 'ok', subject: 'Docker', says: 'found, with Compose' }
      : hasJava
        ? { level: 'ok', subject: 'Docker', says: `not needed (${dockerProblem})` }
        : missing('Docker', dockerProblem),
  ]
}
