// Apache Kafka's own jars, fetched once by Maven into a folder that git ignores. The folder is named by the hash of pom.xml,
// appears whole or not at all (filled beside, then renamed), and two starts at once fetch it once.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fetchOnce } from '../process/maven.ts'

const pomFile = join(import.meta.dirname, 'pom.xml')

/** The first Java that Kafka 4 brokers run on (KIP-1013). */
const minimumJava = 17

/** The jars of the folder we run in; a service names its own. */
export const defaultLibsDir = resolve(process.env.KAFKA_LIBS_DIR || '.local/kafka/libs')

/**
 * The class path of Kafka, fetched if it is not there yet.
 * @param signal ends a fetch under way at once; the next one begins anew
 * @throws LocalError KAFKA_UNAVAILABLE with Maven's own last words; the signal's reason
 * @example const classPath = await kafkaClassPath(defaultLibsDir, console.error)
 */
export async function kafkaClassPath(
  libsDir: string,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  const target = targetOf(libsDir)
  await fetchOnce({
    ...{ target, what: 'Apache Kafka', code: 'KAFKA_UNAVAILABLE', log, signal },
    lockFile: join(dirname(libsDir), 'libs.lock'),
    size: `${jarMegabytes} MB, once, about a minute`,
    args: ['-f', pomFile, 'dependency:copy-dependencies', '-DincludeScope=runtime'],
    progress: (partial, seconds) => `  ${megabytesIn(partial)} of ${jarMegabytes} MB in their place, ${seconds} s`,
  })
  return join(target, '*')
}

function targetOf(libsDir: string): string {
  return join(libsDir, createHash('sha256').update(readFileSync(pomFile)).digest('hex').slice(0, 12))
}

/** Kafka and what it needs, as pom.xml names them: measured. */
const jarMegabytes = 44

/** Maven downloads all jars before it copies the first. */
function megabytesIn(folder: string): number {
  const files = existsSync(folder) ? readdirSync(folder) : []
  return Math.round(files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) / 1e6)
}

/** Why Kafka cannot run on a JVM here, in one line; undefined when it can. */
export async function javaIsMissing(libsDir: string): Promise<string | undefined> {
  return (await javaProblem()) ?? (await mavenProblem(libsDir))
}

/** Why this machine's Java is none for Kafka; undefined when it is one. */
export async function javaProblem(): Promise<string | undefined> {
  const java = await versionOf('java', ['-version'])
  if (java === undefined) return `Java ${minimumJava} or newer is not installed`
  // `openjdk version "17.0.15" …`; before Java 9 it read "1.8.0_…"
  const major = Number(/version "(\d+)/.exec(java)?.[1])
  if (!(major >= minimumJava)) return `Java ${minimumJava} or newer is needed, found: ${java.split('\n')[0]}`
  return undefined
}

/**
 * Why Kafka's jars are not to be had; undefined when they are here, or can be fetched.
 * @param target another folder that Maven fills
 */
export async function mavenProblem(libsDir: string, target = targetOf(libsDir)): Promise<string | undefined> {
  if (existsSync(target) || (await versionOf('mvn', ['-v'])) !== undefined) return undefined
  return 'Maven (mvn) is not installed'
}

function versionOf(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, [...args], (error, stdout, stderr) => resolve(error ? undefined : `${stdout}${stderr}`))
  })
}
