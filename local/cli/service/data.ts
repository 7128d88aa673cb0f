// The local data of a service: what a next start goes on from, and what `--fresh` deletes.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { endOrphan } from '../../kafka/broker.ts'
import type { Service } from './service.ts'

export interface LocalData {
  /** Topics, records and offsets. */
  readonly kafka: string
  /** What stateful functions keep, behind a DynamoDB API on this machine. */
  readonly state: string
  /** The schemas of a registry on this machine, which records name by their ids. */
  readonly registry: string
  /** The buckets of an S3 on this machine, as folders; also what `s3Sink` writes where none runs. */
  readonly s3: string
  /** The queues of an SQS on this machine; also what `sqsSink` writes where none runs. */
  readonly sqs: string
  /** What `eventBridgeSink` writes. */
  readonly events: string
  readonly logs: string
  /** The tables that the functions printed, in the life of these data: what `verify` compares. */
  readonly tables: string
  /** Held by the `start` that runs on these data. */
  readonly startLock: string
}

/**
 * @param stage of the functions that print; those of `start` are of stage dev
 * @example dataOf(service).kafka // '/home/me/service/.local/kafka/data'
 */
export function dataOf({ localDir }: Service, stage = 'dev'): LocalData {
  const logs = join(localDir, 'log')
  return {
    kafka: join(localDir, 'kafka/data'),
    state: join(localDir, 'dynamodb'),
    registry: join(localDir, 'registry'),
    s3: join(localDir, 's3'),
    sqs: join(localDir, 'sqs'),
    events: join(localDir, 'events'),
    logs,
    tables: join(logs, stage === 'dev' ? 'tables.txt' : `tables-${stage}.txt`),
    startLock: join(localDir, 'start.lock'),
  }
}

/**
 * Deletes it. Only what is in the folder of the local data: a DEAD_LETTER_FILE elsewhere stays.
 * @throws LocalError ALREADY_RUNNING when a broker of a living start of ours uses it
 */
export async function deleteLocalData(
  service: Service,
  deadLetterFile: string,
  notice: (line: string) => void,
): Promise<void> {
  const { kafka, state, registry, s3, sqs, events, tables } = dataOf(service)
  await endOrphan(kafka, notice)
  const deadLetters = deadLetterFile.startsWith(join(service.localDir, '/')) ? [deadLetterFile] : []
  for (const path of [kafka, state, registry, s3, sqs, events, tables, ...deadLetters])
    rmSync(path, { recursive: true, force: true })
  notice('Deleted the local data: topics, offsets, state, printed tables, dead letters, buckets and queues.')
}
