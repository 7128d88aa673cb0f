// Runs Write.java and Read.java: a topic written by the JVM's serializers, or read by its deserializers. Their jars are fetched once by Maven into .local, which git ignores; the folder
// appears whole or not at all.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const here = import.meta.dirname
/** Named by its version: a change of pom.xml needs a change here. */
const jarsDir = join(here, '../../../.local/serdes/2.6.13')
const run = promisify(execFile)

/** @param schema the registry's URL for Avro, the schema's id for Protobuf */
export async function writeTopic(
  brokers: readonly string[],
  topic: string,
  format: 'avro' | 'protobuf',
  schema: string,
  count: number,
): Promise<void> {
  await fetchJars()
  const args = [brokers.join(','), topic, format, schema, String(count)]
  await run('java', ['-cp', join(jarsDir, '*'), join(here, 'Write.java'), ...args])
}

/** @returns the key and the value of each record as Avro's JSON */
export async function readTopic(
  brokers: readonly string[],
  topic: string,
  registryUrl: string,
  count: number,
): Promise<readonly (readonly [unknown, unknown])[]> {
  await fetchJars()
  const args = [brokers.join(','), topic, registryUrl, String(count)]
  const { stdout } = await run('java', ['-cp', join(jarsDir, '*'), join(here, 'Read.java'), ...args], {
    timeout: 60_000,
  })
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function fetchJars(): Promise<void> {
  if (existsSync(jarsDir)) return
  const partial = `${jarsDir}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`]
  await run('mvn', ['-B', '-q', '-f', join(here, 'pom.xml'), ...goal])
  renameSync(partial, jarsDir)
}
