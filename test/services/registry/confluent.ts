// Runs confluent.py and read.py: a topic written by Confluent's own serializers, or read by its deserializers. What pip installs lies in .local, which git ignores; the folder appears
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

/** @returns the key and the value of each record, as JSON has them; what it has no form for is text */
export async function readByConfluent(
  brokers: readonly string[],
  registryUrl: string,
  form: 'avro' | 'protobuf',
  topic: string,
  count: number,
  ...message: readonly string[]
): Promise<readonly (readonly [unknown, unknown])[]> {
  await fetchPackages()
  const args = [join(here, 'read.py'), brokers.join(','), registryUrl, form, topic, String(count), ...message]
  const env = { ...process.env, PYTHONPATH: packagesDir, PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout } = await run('python3', args, { env, timeout: 60_000 })
  // Numbers of 64 bits are more than JSON.parse keeps.
  const exact = stdout.replace(/: (-?\d{17,})/g, ': "$1"')
  return exact
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function fetchPackages(): Promise<void> {
  if (existsSync(packagesDir)) return
  const partial = `${packagesDir}.partial`
  rmSync(partial, { recursive: true, force: true })
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', partial, '-r', requirements])
  renameSync(partial, packagesDir)
}
