// What an MSK cluster needs of a client: its brokers, which only MSK knows, and a token that proves the function's role. The
// token is what aws-msk-iam-sasl-signer-js makes (a presigned URL of kafka-cluster:Connect); a test compares the two.

import { type AwsEnvironment, awsRequest, regionOf, signerFor } from './aws-request.ts'

/**
 * The life of a token, the same as MSK's signer gives it. MSK ends a connection that lives longer, and kafkajs makes the next
 * one with a new token.
 */
const tokenSeconds = 900

/** How a client proves who it is -> the field of MSK's answer that has the brokers for it. */
const brokerFields = {
  iam: 'BootstrapBrokerStringSaslIam',
  'scram-sha-512': 'BootstrapBrokerStringSaslScram',
  mtls: 'BootstrapBrokerStringTls',
  tls: 'BootstrapBrokerStringTls',
} as const

export type MskAuth = keyof typeof brokerFields

export const isMskAuth = (auth: string): auth is MskAuth => auth in brokerFields

/** @throws Error where MSK does not answer, or the cluster does not offer this kind of authentication */
export async function mskBrokers(clusterArn: string, auth: MskAuth, environment: AwsEnvironment): Promise<string[]> {
  const path = `/v1/clusters/${encodeURIComponent(clusterArn)}/bootstrap-brokers`
  const answer = await awsRequest({ service: 'kafka', method: 'GET', path }, environment)
  const field = brokerFields[auth]
  const list: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, camelCase(field)) : undefined
  if (typeof list === 'string' && list !== '') return list.split(',')
  throw new Error(`The cluster ${clusterArn} has no ${field}: switch on its ${auth} authentication, or use another.`)
}

/** The REST API answers in camel case what its reference calls by the names above. */
const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** A token for kafkajs's `oauthbearer` mechanism, good for 15 minutes from `now`. */
export async function mskToken(environment: AwsEnvironment, now: Date = new Date()): Promise<string> {
  const hostname = `kafka.${regionOf(environment)}.amazonaws.com`
  const signed = await signerFor('kafka-cluster', environment).presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      headers: { host: hostname },
      query: { Action: 'kafka-cluster:Connect' },
    },
    { expiresIn: tokenSeconds, signingDate: now },
  )
  const query = Object.entries({ ...signed.query, 'User-Agent': 'microbatch' })
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
  return Buffer.from(`https://${hostname}/?${query}`).toString('base64url')
}
