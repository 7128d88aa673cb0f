// A schema registry on this machine: Apicurio Registry on the JVM that Kafka needs, listening on loopback, its schemas in a file beside
// Kafka's records. Ids live as long as the records that name them.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describeExit } from '../process/child.ts'
import { startJavaServer, stopJavaServer } from '../process/java-server.ts'
import { freePort } from '../process/port.ts'
import { registryJar } from './distribution.ts'
import { openGateway } from './gateway.ts'

export interface RegistryOptions {
  readonly port: number
  /** Where its schemas are kept. */
  readonly dataDir: string
  /** Kafka's jars: what is fetched lies beside them. */
  readonly libsDir: string
  readonly log: (line: string) => void
  readonly signal?: AbortSignal
}

export interface LocalRegistry {
  /** Confluent's REST API; Apicurio's own below `/apis/registry/v2`. */
  readonly url: string
  /** Resolves with the reason when it ends. */
  readonly ended: Promise<string>
  stop(): Promise<void>
  kill(): Promise<void>
}

/**
 * @throws LocalError CHILD_FAILED with the end of its log; the signal's reason
 * @example const registry = await startRegistry({ port: 8081, dataDir: '.local/registry', libsDir, log: console.error })
 */
export async function startRegistry({ port, dataDir, libsDir, log, signal }: RegistryOptions): Promise<LocalRegistry> {
  const jar = await registryJar(libsDir, log, signal)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const innerPort = await freePort()
  const child = await startJavaServer({
    ...{ what: 'Apicurio Registry', logFile: join(dataDir, 'registry.log'), signal },
    args: [
      ...['-Xmx192m', '-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${innerPort}`],
      ...['-Dquarkus.datasource.jdbc.initial-size=2', '-Dquarkus.datasource.jdbc.min-size=2', '-jar', jar],
    ],
    env: { REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${resolve(dataDir, 'schemas')}` },
    isReady: () => answers(innerPort),
  })
  const gateway = await openGateway(port, innerPort).catch(async (error: unknown) => {
    await child.kill()
    throw error
  })
  return {
    url: `http://127.0.0.1:${port}`,
    ended: child.exited.then(describeExit),
    async stop() {
      await gateway.close()
      await stopJavaServer(child)
    },
    async kill() {
      await gateway.close()
      await child.kill()
    },
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const address = `http://127.0.0.1:${port}/apis/ccompat/v7/subjects`
    return (await fetch(address, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}
