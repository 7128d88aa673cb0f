// A Kafka that asks who is there: one listener each for SASL over plaintext, TLS, TLS with client certificates and SASL over
// TLS, and one without anything for the test's own admin. Its certificate is made by keytool when it starts.
import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { defaultLibsDir, kafkaClassPath } from '../../../local/kafka/distribution.ts'
import { probe } from '../../../local/kafka/probe.ts'
import { serverProperties } from '../../../local/kafka/server-properties.ts'
import { startChild } from '../../../local/process/child.ts'
import { freePort } from '../../../local/process/port.ts'

const run = promisify(execFile)
const storePassword = 'changeit'
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qk'

export const alice = { username: 'alice', password: 'open-sesame' } as const

export interface SecuredBroker {
  readonly plaintext: readonly string[]
  readonly sasl: readonly string[]
  readonly tls: readonly string[]
  readonly mutualTls: readonly string[]
  readonly saslTls: readonly string[]
  /** PEM files. */
  readonly files: { readonly certificate: string; readonly key: string }
  readonly stop: () => Promise<void>
}

/** @throws Error with the broker's last words where it does not answer within 30 s */
export async function startSecuredBroker(): Promise<SecuredBroker> {
  const dir = mkdtempSync(join(tmpdir(), 'microbatch-secured-'))
  const ports = { plaintext: 0, sasl: 0, tls: 0, mutual: 0, sasltls: 0, controller: 0 }
  for (const name of Object.keys(ports) as Array<keyof typeof ports>) ports[name] = await freePort()
  const properties = join(dir, 'server.properties')
  writeFileSync(properties, securedProperties(dir, ports), { mode: 0o600 })

  const classPath = await kafkaClassPath(defaultLibsDir, (line) => console.error(line))
  const java = ['-Xmx128m', '-XX:+UseSerialGC', '-cp', classPath]
  const credentials = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${alice.username},password=${alice.password}]`,
  ])
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', properties, ...credentials]
  const [files] = await Promise.all([certificates(dir), run('java', [...java, ...format])])

  const logFile = join(dir, 'broker.log')
  const log = openSync(logFile, 'w')
  const child = await startChild({
    command: 'java',
    args: [...java, 'kafka.Kafka', properties],
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const stop = async () => {
    await child.stop('SIGTERM', 10_000)
    rmSync(dir, { recursive: true, force: true })
  }
  const plaintext = [`localhost:${ports.plaintext}`]
  const deadline = performance.now() + 30_000
  while ((await probe(plaintext, 1_000)) === undefined) {
    if (performance.now() < deadline) continue
    const words = readFileSync(logFile, 'utf8').slice(-2_000)
    await stop()
    throw new Error(`the secured broker does not answer:\n${words}`)
  }
  return {
    plaintext,
    sasl: [`localhost:${ports.sasl}`],
    tls: [`localhost:${ports.tls}`],
    mutualTls: [`localhost:${ports.mutual}`],
    saslTls: [`localhost:${ports.sasltls}`],
    files,
    stop,
  }
}

function securedProperties(dir: string, ports: Readonly<Record<string, number>>): string {
  const port = ports.plaintext ?? 0
  const controllerPort = ports.controller ?? 0
  const base = serverProperties({ dataDir: join(dir, 'records'), port, controllerPort, internalPort: undefined })
  const replaced = new Set(['listeners', 'advertised.listeners', 'listener.security.protocol.map'])
  const kept = base.split('\n').filter((line) => !replaced.has(line.slice(0, line.indexOf('='))))
  const names = ['SASL', 'TLS', 'MUTUAL', 'SASLTLS']
  const addresses = [
    `EXTERNAL://localhost:${port}`,
    ...names.map((name) => `${name}://localhost:${ports[name.toLowerCase()]}`),
  ]
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const user = `user_${alice.username}="${alice.password}"`
  const sasl = ['sasl', 'sasltls'].flatMap((name) => [
    `listener.name.${name}.plain.sasl.jaas.config=${plain} ${user};`,
    `listener.name.${name}.scram-sha-256.sasl.jaas.config=${scram}`,
    `listener.name.${name}.scram-sha-512.sasl.jaas.config=${scram}`,
  ])
  return [
    ...kept,
    `listeners=${addresses.join(',')},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=${addresses.join(',')}`,
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,EXTERNAL:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL,MUTUAL:SSL,SASLTLS:SASL_SSL',
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    ...sasl,
    `ssl.keystore.location=${join(dir, 'server.p12')}`,
    'ssl.keystore.type=PKCS12',
    `ssl.keystore.password=${storePassword}`,
    `ssl.truststore.location=${join(dir, 'certificate.pem')}`,
    'ssl.truststore.type=PEM',
    'listener.name.mutual.ssl.client.auth=required',
    '',
  ].join('\n')
}

/** One self-signed certificate for all: the broker's, its own authority, and what a client shows. */
async function certificates(dir: string): Promise<SecuredBroker['files']> {
  const store = join(dir, 'server.p12')
  const certificate = join(dir, 'certificate.pem')
  const key = join(dir, 'key.pem')
  const pair = ['-genkeypair', '-alias', 'one', '-keyalg', 'EC', '-validity', '2', '-dname', 'CN=localhost']
  const names = ['-ext', 'san=dns:localhost,ip:127.0.0.1']
  await run('keytool', [...pair, ...names, '-keystore', store, '-storetype', 'PKCS12', '-storepass', storePassword])
  await run('java', [join(import.meta.dirname, 'Pem.java'), store, storePassword, certificate, key])
  return { certificate, key }
}
