// Where a sink of AWS's runs: on Lambda with AWS's own endpoints, or on a laptop, which never calls AWS by accident. There an API of this
// machine is called, where the environment names one, and else a folder takes what would go out.

import { type AllowedHosts, isLoopback, parseAllowedHosts, stayHere } from '../hosts.ts'

/** The parts of `process.env` that say where a function runs. */
export type SinkEnvironment = Readonly<Record<string, string | undefined>>

/** A client is given, or made for the place that the environment says. */
export type ClientOrEnvironment<Client> =
  | { readonly client: Client; readonly environment?: undefined }
  | { readonly environment: SinkEnvironment; readonly client?: undefined }

export type AwsPlace =
  | { readonly kind: 'aws' }
  | { readonly kind: 'endpoint'; readonly configuration: EndpointConfiguration }
  | { readonly kind: 'nowhere' }

export interface EndpointConfiguration {
  readonly endpoint: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/**
 * @param service the end of its variable: `S3` is AWS_ENDPOINT_URL_S3
 * @throws MicrobatchError CONFIG_INVALID on a laptop for an endpoint elsewhere that ALLOW_REMOTE does not name
 * @example awsPlace('SQS', { AWS_ENDPOINT_URL_SQS: 'http://localhost:5000' }) // { kind: 'endpoint', … }
 */
export function awsPlace(service: string, environment: SinkEnvironment): AwsPlace {
  const { AWS_LAMBDA_RUNTIME_API, IS_OFFLINE, IS_LOCAL, ALLOW_REMOTE = '' } = environment
  if (AWS_LAMBDA_RUNTIME_API !== undefined && IS_OFFLINE === undefined && IS_LOCAL === undefined) return { kind: 'aws' }
  const name = `AWS_ENDPOINT_URL_${service}`
  const endpoint = environment[name] || environment.AWS_ENDPOINT_URL
  if (endpoint === undefined || endpoint === '') return { kind: 'nowhere' }
  return { kind: 'endpoint', configuration: laptopEndpoint(endpoint, name, parseAllowedHosts(ALLOW_REMOTE)) }
}

/** The user's own credentials are for hosts that were allowed by name alone. */
export function laptopEndpoint(endpoint: string, name: string, allowed: AllowedHosts): EndpointConfiguration {
  const { hostname } = new URL(endpoint)
  stayHere(hostname, `${name}: ${endpoint}`, allowed)
  if (!isLoopback(hostname)) return { endpoint }
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'laptop', secretAccessKey: 'laptop' } }
}
