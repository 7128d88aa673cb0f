// The local data: what a next start goes on from, and what `--fresh` deletes.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { endOrphan } from '../kafka/broker.ts'
import { type CliSettings, localDir } from './settings.ts'

/** Topics, records and offsets. */
export const kafkaDataDir = join(localDir, 'kafka', 'data')

/** What stateful handlers keep, behind a DynamoDB API on this machine. */
export const stateDir = join(localDir, 'dynamodb')

/** The tables that the handlers printed, in the life of these data: what `npm run verify` compares. */
export const tablesFile = join(localDir, 'log', 'tables.txt')

/**
 * Deletes it. Only what is under `.local/`: a DEAD_LETTER_FILE elsewhere stays.
 * @throws LocalError ALREADY_RUNNING when a broker of a living start of ours uses it
 */
export async function deleteLocalData(settings: CliSettings, notice: (line: string) => void): Promise<void> {
  await endOrphan(kafkaDataDir, notice)
  const deadLetters = settings.deadLetterFile.startsWith(join(localDir, '/')) ? [settings.deadLetterFile] : []
  for (const path of [kafkaDataDir, stateDir, tablesFile, ...deadLetters])
    rmSync(path, { recursive: true, force: true })
  notice('Deleted the local data: topics, offsets, state, printed tables, dead letters.')
}
