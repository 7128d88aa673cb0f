// How a mapping proves who it is to a local or named Kafka. On AWS the event's `accessConfigurations` name secrets (developer
// guide, "Configuring cluster authentication methods"), which cannot be read from here: the environment takes their place,
// for all mappings of a start. Nothing of it is ever logged.

import { readFileSync } from 'node:fs'
import type { SASLOptions } from 'kafkajs'
import { z } from 'zod'
import { LocalError } from '../error.ts'

/** The options of kafkajs; plaintext without credentials where both are left out. */
export interface KafkaSecurity {
  /** PEM texts; `{}` trusts the authorities that Node knows. */
  readonly ssl?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly passphrase?: string }
  readonly sasl?: SASLOptions
}

/** BASIC_AUTH, SASL_SCRAM_256_AUTH, SASL_SCRAM_512_AUTH; SERVER_ROOT_CA_CERTIFICATE; CLIENT_CERTIFICATE_TLS_AUTH. */
export const kafkaSecurityVariables = {
  KAFKA_SASL_MECHANISM: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['plain', 'scram-sha-256', 'scram-sha-512']))
    .optional(),
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().optional(),
  KAFKA_SSL: z.enum(['true', 'false']).optional(),
  KAFKA_SSL_CA: z.string().optional(),
  KAFKA_SSL_CERT: z.string().optional(),
  KAFKA_SSL_KEY: z.string().optional(),
  KAFKA_SSL_KEY_PASSWORD: z.string().optional(),
}

const schema = z.object(kafkaSecurityVariables)
export type KafkaSecurityVariables = z.infer<typeof schema>

/**
 * @param variables checked one by one; here against each other
 * @param prefix how their names begin where they are set, for messages
 * @throws LocalError SETTINGS_INVALID naming the variables, or the file that cannot be read
 * @example kafkaSecurity({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_USERNAME: 'alice', KAFKA_PASSWORD: 'secret' }).sasl?.mechanism // 'plain'
 */
export function kafkaSecurity(variables: KafkaSecurityVariables, prefix = 'KAFKA_'): KafkaSecurity {
  const ssl = inVariables(prefix, () => sslOf(variables))
  const sasl = inVariables(prefix, () => saslOf(variables))
  return { ...(ssl === undefined ? {} : { ssl }), ...(sasl === undefined ? {} : { sasl }) }
}

function inVariables<Value>(prefix: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof LocalError)) throw error
    throw new LocalError(error.code, error.message.replaceAll(/\bKAFKA_(?=[A-Z])/g, prefix), { cause: error.cause })
  }
}

function saslOf(variables: KafkaSecurityVariables): SASLOptions | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = variables
  if (mechanism === undefined && username === undefined && password === undefined) return undefined
  if (mechanism === undefined || username === undefined || password === undefined)
    throw new LocalError(
      'SETTINGS_INVALID',
      'environment: KAFKA_SASL_MECHANISM (plain, scram-sha-256, scram-sha-512), KAFKA_USERNAME and KAFKA_PASSWORD go together: ' +
        'give all three, or none.',
    )
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password }
    case 'scram-sha-256':
      return { mechanism, username, password }
    case 'scram-sha-512':
      return { mechanism, username, password }
  }
}

function sslOf(variables: KafkaSecurityVariables): KafkaSecurity['ssl'] {
  const { KAFKA_SSL, KAFKA_SSL_CA, KAFKA_SSL_CERT, KAFKA_SSL_KEY, KAFKA_SSL_KEY_PASSWORD } = variables
  const isNamed = [KAFKA_SSL_CA, KAFKA_SSL_CERT, KAFKA_SSL_KEY, KAFKA_SSL_KEY_PASSWORD].some((it) => it !== undefined)
  if (KAFKA_SSL === 'false' && isNamed)
    throw new LocalError('SETTINGS_INVALID', 'environment: KAFKA_SSL=false, yet another KAFKA_SSL_… is set: drop one.')
  if (KAFKA_SSL !== 'true' && !isNamed) return undefined
  if ((KAFKA_SSL_CERT === undefined) !== (KAFKA_SSL_KEY === undefined))
    throw new LocalError('SETTINGS_INVALID', 'environment: KAFKA_SSL_CERT and KAFKA_SSL_KEY go together.')
  if (KAFKA_SSL_KEY_PASSWORD !== undefined && KAFKA_SSL_KEY === undefined)
    throw new LocalError('SETTINGS_INVALID', 'environment: KAFKA_SSL_KEY_PASSWORD needs KAFKA_SSL_KEY.')
  return {
    ...(KAFKA_SSL_CA === undefined ? {} : { ca: pemOf('KAFKA_SSL_CA', KAFKA_SSL_CA) }),
    ...(KAFKA_SSL_CERT === undefined ? {} : { cert: pemOf('KAFKA_SSL_CERT', KAFKA_SSL_CERT) }),
    ...(KAFKA_SSL_KEY === undefined ? {} : { key: pemOf('KAFKA_SSL_KEY', KAFKA_SSL_KEY) }),
    ...(KAFKA_SSL_KEY_PASSWORD === undefined ? {} : { passphrase: KAFKA_SSL_KEY_PASSWORD }),
  }
}

function pemOf(variable: string, path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new LocalError('SETTINGS_INVALID', `environment: ${variable}: ${path} cannot be read.`, { cause })
  }
  if (!text.includes('-----BEGIN '))
    throw new LocalError('SETTINGS_INVALID', `environment: ${variable}: ${path} is not a PEM file.`)
  return text
}
