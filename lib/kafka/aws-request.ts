// Calls to AWS's APIs that the producer makes once when it starts, signed with the credentials that Lambda gives it. The SDK's
// clients for the same two calls would double the producer's bundle (docs/decisions/producer-without-clients.md).

import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { type AllowedHosts, stayHere } from '../hosts.ts'

/** The part of the environment that Lambda sets. */
export interface AwsEnvironment {
  readonly AWS_REGION?: string | undefined
  readonly AWS_ACCESS_KEY_ID?: string | undefined
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined
  readonly AWS_SESSION_TOKEN?: string | undefined
  /** In place of AWS's own endpoints, as every AWS client takes it. */
  readonly AWS_ENDPOINT_URL?: string | undefined
  /** On a laptop: only these and this machine are asked. */
  readonly allowedHosts?: AllowedHosts | undefined
}

export interface AwsCall {
  /** The name of the service in its host and in the signature: `kafka`. */
  readonly service: string
  readonly method: 'GET' | 'POST'
  /** With its segments encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const timeoutMs = 5000

/**
 * @returns the parsed answer
 * @throws Error naming the service, the status and what it said; MicrobatchError CONFIG_INVALID for a host that is not allowed
 * @example await awsRequest({ service: 'kafka', method: 'GET', path: `/v1/clusters/${encodeURIComponent(arn)}/…` }, process.env)
 */
export async function awsRequest(
  { service, method, path, headers = {}, body }: AwsCall,
  environment: AwsEnvironment,
): Promise<unknown> {
  const endpoint = new URL(environment.AWS_ENDPOINT_URL ?? endpointOf(service, regionOf(environment)))
  const { allowedHosts: allowed } = environment
  if (allowed !== undefined) stayHere(endpoint.hostname, `${service} at ${endpoint.host}`, allowed)
  const signer = signerFor(service, environment)
  const signed = await signer.sign({
    method,
    protocol: endpoint.protocol,
    hostname: endpoint.hostname,
    path,
    headers: { ...headers, host: endpoint.host },
    body,
  })
  const response = await fetch(new URL(path, endpoint), {
    method,
    headers: signed.headers,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  if (response.ok) return JSON.parse(text)
  throw new AwsCallError(
    `${service} at ${endpoint.host} answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`,
    errorTypeIn(text),
  )
}

/**
 * A call to a service of AWS's JSON protocol, 1.1.
 * @param operation with the prefix of the service: `secretsmanager.GetSecretValue`
 * @throws Error as `awsRequest`
 */
export const awsJsonRequest = (
  service: string,
  operation: string,
  input: object,
  environment: AwsEnvironment,
): Promise<unknown> =>
  awsRequest(
    {
      service,
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': operation },
      body: JSON.stringify(input),
    },
    environment,
  )

/** What a service answered in place of what it was asked for. */
class AwsCallError extends Error {
  override readonly name = 'AwsCallError'
  /** The service's own name for it; empty where its answer says nothing. */
  readonly type: string

  constructor(message: string, type: string) {
    super(message)
    this.type = type
  }
}

/** @example isAwsError(error, 'EntityNotFoundException') */
export const isAwsError = (error: unknown, type: string): boolean =>
  error instanceof AwsCallError && error.type === type

/** `{"__type":"com.amazonaws.glue#EntityNotFoundException"}`; some services leave out what is before the `#`. */
function errorTypeIn(body: string): string {
  const [, type = ''] = /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(body) ?? []
  return type
}

/** AWS's own: China has a domain of its own. @example endpointOf('kafka', 'eu-west-1') */
export const endpointOf = (service: string, region: string): string =>
  `https://${service}.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`

/** @throws Error where the environment has no credentials or no region, as outside Lambda */
export function signerFor(service: string, environment: AwsEnvironment): SignatureV4 {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = environment
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. Lambda sets them; elsewhere, set them.')
  }
  return new SignatureV4({
    service,
    region: regionOf(environment),
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
    },
    sha256: Sha256,
    // MSK's token is a URL whose payload is not signed; the two calls have none or a short one.
    applyChecksum: false,
  })
}

export function regionOf({ AWS_REGION }: AwsEnvironment): string {
  if (AWS_REGION === undefined) throw new Error('AWS_REGION is not set. Lambda sets it; elsewhere, set it.')
  return AWS_REGION
}

/** Node's SHA-256 in the shape that the signer takes. */
class Sha256 {
  readonly #hash

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data, 'utf8')
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data)
}
