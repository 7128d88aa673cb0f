// One invocation by hand, through AWS's own client: any payload in, the answer as it came out. An endpoint on this machine
// gets dummy credentials; another one is dialled only if its host was allowed by name, and gets the user's own.
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { dummyAccount, givingUpAfter } from 'serverless-offline-kafka-mapping/internal/invoke/aws-client'
import { assertAllowedHost, isLoopback, parseAllowedHosts } from 'serverless-offline-kafka-mapping/internal/safety'

export interface Answer {
  /** The function's answer as text, JSON by custom. */
  readonly payload: string
  /** `Unhandled` where the function threw; the payload is then its error. */
  readonly functionError: string | undefined
}

export interface Invocation {
  /** `http://localhost:3002` */
  readonly endpoint: string
  /** Host names allowed beside this machine, comma-separated. */
  readonly allowRemote: string
  readonly functionName: string
  /** JSON */
  readonly payload: string
  readonly signal?: AbortSignal
}

/** Lambda's longest timeout, and a little. */
const requestTimeoutMs = 910_000

export function isLocalEndpoint(endpoint: string): boolean {
  return isLoopback(endpointUrl(endpoint).hostname)
}

/**
 * Invokes a function, synchronously.
 * @throws LocalError REMOTE_REFUSED before anything is dialled; COMMAND_INVALID for an endpoint that is no URL;
 *   INVOKE_FAILED when there was no answer, or one that is not the function's
 */
export async function invokeOnce(invocation: Invocation): Promise<Answer> {
  const { endpoint, functionName, payload, signal } = invocation
  const { hostname } = endpointUrl(endpoint)
  assertAllowedHost(hostname, 'the Lambda endpoint', parseAllowedHosts(invocation.allowRemote))
  const client = new LambdaClient({
    endpoint,
    // a second try of the client would be a second delivery
    maxAttempts: 1,
    requestHandler: givingUpAfter(requestTimeoutMs),
    ...(isLoopback(hostname) ? onThisMachine : {}),
  })
  try {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'RequestResponse',
      Payload: payload,
    })
    const answer = await client.send(command, signal === undefined ? {} : { abortSignal: signal })
    return { payload: Buffer.from(answer.Payload ?? []).toString('utf8'), functionError: answer.FunctionError }
  } catch (error) {
    const reason = reasonOf(error)
    throw new LocalError('INVOKE_FAILED', `${functionName} at ${endpoint} could not be invoked: ${reason}`, {
      cause: error,
    })
  } finally {
    client.destroy()
  }
}

const onThisMachine: LambdaClientConfig = { region: 'us-east-1', ...dummyAccount }

function endpointUrl(endpoint: string): URL {
  const url = URL.parse(endpoint)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new LocalError('COMMAND_INVALID', `--endpoint takes a URL such as http://localhost:3002, not ${endpoint}`)
  }
  return url
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  // a refused connection to a name with two addresses is an error with a code and no message
  if ('code' in error && error.code === 'ECONNREFUSED') return 'nothing listens there. Does start run?'
  return `${error.name}: ${error.message}`
}
