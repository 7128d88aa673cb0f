// Apicurio Registry as its project puts it on Maven Central, fetched once beside Kafka's jars, into a folder that is whole or not there.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { startChild } from '../process/child.ts'
import { waitForLock } from '../process/lock.ts'

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
  if (!existsSync(target)) {
    mkdirSync(dirname(target), { recursive: true })
    const lock = await waitForLock(`${target}.lock`, `pid ${process.pid}`, (heldBy) =>
      log(`waiting for ${heldBy}, which is fetching Apicurio Registry`),
    )
    try {
      if (!existsSync(target)) await fetchInto(target, log, signal)
    } finally {
      lock.release()
    }
  }
  const jar = readdirSync(target).find((name) => name.endsWith('runner.jar'))
  if (jar === undefined)
    throw new LocalError('CHILD_FAILED', `${target} has no jar to run: delete it, and start again.`)
  return join(target, jar)
}

async function fetchInto(target: string, log: (line: string) => void, signal: AbortSignal | undefined): Promise<void> {
  log(`Fetching Apicurio Registry by Maven (${megabytes} MB, once, half a minute; Ctrl-C ends it at once) ...`)
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack'
  const maven = await startChild({
    command: 'mvn',
    args: ['-B', '-q', goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`],
    cwd: dirname(target),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  for (const stream of [maven.process.stdout, maven.process.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const end = () => void maven.kill()
  signal?.addEventListener('abort', end)
  if (signal?.aborted === true) end()
  const { code } = await maven.exited
  signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
  if (code !== 0) {
    const words = said.join('').trim().split('\n').slice(0, 15).join('\n')
    throw new LocalError('CHILD_FAILED', `Maven could not fetch Apicurio Registry (exit ${code}):\n${words}`)
  }
  renameSync(partial, target)
}
