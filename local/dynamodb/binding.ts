// Which Kafka the local state belongs to. State says up to which offset it has seen each partition: beside another cluster,
// whose offsets begin anew, it would take new records for old ones and drop them without a word.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

/**
 * Binds the state in a folder to a Kafka cluster, at its first start; later, makes sure that it is the same one.
 * @throws LocalError STATE_FOREIGN for another cluster, with the ways out
 * @example bindToCluster('.local/dynamodb', cluster.clusterId)
 */
export function bindToCluster(folder: string, clusterId: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'kafka-cluster-id')
  const bound = read(file)
  if (bound === clusterId) return
  if (bound !== undefined) {
    throw new LocalError(
      'STATE_FOREIGN',
      `The local state (${folder}) belongs to the Kafka cluster ${bound}, and this one is ${clusterId}.
  - to begin anew, without the state: microbatch start --fresh
  - to go on where it was: start with the Kafka of before (KAFKA_BROKERS)
  - to keep both: LOCAL_DIR=.local-2 microbatch start`,
    )
  }
  writeFileSync(`${file}.new`, clusterId, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
