// Apicurio Registry as its project puts it on Maven Central, fetched once beside Kafka's jars, into a folder that is whole or not there.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { fetchOnce } from '../process/maven.ts'

/** The last version that runs on the Java that Kafka needs (17); from 3 on it wants 21. */
const version = '2.6.13.Final'
const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`
const megabytes = 142

/**
 * @param libsDir where Kafka's jars are
 * @param signal ends a fetch under way at once; the next one begins anew
 * @returns the jar to run
 * @throws LocalError CHILD_FAILED with Maven's own last words; the signal's reason
 * @example const jar = await registryJar(defaultLibsDir, console.error)
 */
export async function registryJar(libsDir: string, log: (line: string) => void, signal?: AbortSignal): Promise<string> {
  const target = join(libsDir, `../apicurio-registry-${version}`)
  await fetchOnce({
    ...{ target, lockFile: `${target}.lock`, what: 'Apicurio Registry', code: 'CHILD_FAILED', log, signal },
    size: `${megabytes} MB, once, half a minute`,
    args: ['org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack', `-Dartifact=${artifact}`],
  })
  const jar = readdirSync(target).find((name) => name.endsWith('runner.jar'))
  if (jar === undefined)
    throw new LocalError('CHILD_FAILED', `${target} has no jar to run: delete it, and start again.`)
  return join(target, jar)
}
