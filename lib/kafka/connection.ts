// How a handler reaches Kafka: brokers, TLS and who it says it is. What only a deployed one needs is loaded when it is asked
// for.

import type { KafkaConfig } from 'kafkajs'
import { messageOf } from '../error.ts'
import { type AllowedHosts, checkedSocketFactory, hostOf, stayHere } from '../hosts.ts'
import type { AwsEnvironment } from './aws-request.ts'

export type KafkaConnection = Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'> & { readonly brokers: string[] }

/** How a client of Kafka says who it is: `none` is plaintext, all others are over TLS. */
export const kafkaAuths = ['none', 'tls', 'mtls', 'plain', 'scram-sha-256', 'scram-sha-512', 'iam'] as const

export type KafkaAuth = (typeof kafkaAuths)[number]

export interface ConnectionSettings {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  readonly auth: KafkaAuth
  /** An MSK cluster: its brokers are asked of MSK, in place of `brokers`. */
  readonly clusterArn?: string | undefined
  /** Secrets Manager ARNs: of the user and password, or the client's certificate; of the root certificate of the brokers. */
  readonly credentialsArn?: string | undefined
  readonly rootCertificateArn?: string | undefined
  /** On a laptop: only these and this machine are dialled, also where brokers advertise others. Undefined: whatever they say. */
  readonly allowedHosts?: AllowedHosts | undefined
}

/**
 * What kafkajs is given to reach a Kafka: brokers, TLS and credentials, asked of MSK and Secrets Manager where they are named.
 *
 * @param environment for the credentials of AWS, where a secret or MSK is asked
 * @throws Error where they do not answer; MicrobatchError CONFIG_INVALID where one of them is a host that is not allowed
 * @example new Kafka({ clientId, ...(await kafkaConnection({ brokers: ['localhost:9092'], auth: 'none' }, process.env)) })
 */
export async function kafkaConnection(
  settings: ConnectionSettings,
  environment: AwsEnvironment,
): Promise<KafkaConnection> {
  const { allowedHosts: allowed } = settings
  if (allowed === undefined) return connectionOf(settings, environment)
  const connection = await connectionOf(settings, { ...environment, allowedHosts: allowed })
  for (const broker of connection.brokers) stayHere(hostOf(broker), `the broker ${broker}`, allowed)
  return { ...connection, socketFactory: checkedSocketFactory(advertisedGuard(allowed)) }
}

/** kafkajs tries a refused address again and again, and says nothing: each is said once. */
function advertisedGuard(allowed: AllowedHosts): (host: string, port: number) => void {
  const said = new Set<string>()
  return (host, port) => {
    try {
      stayHere(host, `the address ${host}:${port}, which a broker advertises,`, allowed)
    } catch (error) {
      const message = messageOf(error)
      if (!said.has(message)) console.error(JSON.stringify({ level: 'WARN', message }))
      said.add(message)
      throw error
    }
  }
}

async function connectionOf(settings: ConnectionSettings, environment: AwsEnvironment): Promise<KafkaConnection> {
  const { auth, clusterArn } = settings
  const brokers = [...settings.brokers]
  if (auth === 'none') return { brokers }
  const { isMskAuth, mskBrokers, mskToken } = await import('./msk.ts')
  const [reached, trust] = await Promise.all([
    clusterArn !== undefined && isMskAuth(auth) ? mskBrokers(clusterArn, auth, environment) : brokers,
    trustOf(settings, environment),
  ])
  switch (auth) {
    case 'tls':
      return { brokers: reached, ssl: trust }
    case 'iam': {
      const oauthBearerProvider = async () => ({ value: await mskToken(environment) })
      return { brokers: reached, ssl: trust, sasl: { mechanism: 'oauthbearer', oauthBearerProvider } }
    }
    case 'mtls': {
      const { ClientCertificate, readSecret } = await import('./secret.ts')
      const { certificate, privateKey, privateKeyPassword } = await readSecret(
        settings.credentialsArn ?? '',
        ClientCertificate,
        environment,
      )
      const key = { cert: certificate, key: privateKey }
      return {
        brokers: reached,
        ssl: { ...trust, ...key, ...(privateKeyPassword === undefined ? {} : { passphrase: privateKeyPassword }) },
      }
    }
    // The same three words; the types of kafkajs want each alone.
    case 'plain':
      return { brokers: reached, ssl: trust, sasl: { mechanism: auth, ...(await passwordOf(settings, environment)) } }
    case 'scram-sha-256':
      return { brokers: reached, ssl: trust, sasl: { mechanism: auth, ...(await passwordOf(settings, environment)) } }
    case 'scram-sha-512':
      return { brokers: reached, ssl: trust, sasl: { mechanism: auth, ...(await passwordOf(settings, environment)) } }
  }
}

/** TLS always checks the broker; by a root certificate of one's own where Kafka has one. */
async function trustOf(
  { rootCertificateArn: secret }: ConnectionSettings,
  environment: AwsEnvironment,
): Promise<{ readonly ca?: string[] }> {
  if (secret === undefined) return {}
  const { RootCertificate, readSecret } = await import('./secret.ts')
  const { certificate } = await readSecret(secret, RootCertificate, environment)
  return { ca: [certificate] }
}

async function passwordOf({ credentialsArn: secret = '' }: ConnectionSettings, environment: AwsEnvironment) {
  const { Password, readSecret } = await import('./secret.ts')
  return readSecret(secret, Password, environment)
}
