// Runs confluent.py: a topic written by Confluent's own serializers. What pip installs lies in .local, which git ignores; the folder appears
// whole or not at all.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const here = import.meta.dirname
const run = promisify(execFile)
const requirements = join(here, 'requirements.txt')
const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
/** Packages alone, and no virtual environment: its programs would name the folder that it was made in. */
const packagesDir = join(here, '../../../.local/confluent-kafka', digest)

export type ConfluentForm = 'avro' | 'json' | 'protobuf0' | 'protobuf1' | 'protobuf2'

export async function writeByConfluent(
  brokers: readonly string[],
  registryUrl: string,
  form: ConfluentForm,
  topic: string,
  count: number,
): Promise<void> {
  await fetchPackages()
  const args = [join(here, 'confluent.py'), brokers.join(','), registryUrl, form, topic, String(count)]
  await run('python3', args, { env: { ...process.env, PYTHONPATH: packagesDir, PYTHONDONTWRITEBYTECODE: '1' } })
}

async function fetchPackages(): Promise<void> {
  if (existsSync(packagesDir)) return
  const partial = `${packagesDir}.partial`
  rmSync(partial, { recursive: true, force: true })
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', partial, '-r', requirements])
  renameSync(partial, packagesDir)
}
