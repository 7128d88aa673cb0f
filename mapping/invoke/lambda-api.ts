// The Lambda Invoke API by AWS's own client: serverless-offline's endpoint, the runtime interface emulator, LocalStack. The
// endpoint is explicit and on this machine, the credentials are dummies, and nothing is read from profiles or the environment.

import { setTimeout as delay } from 'node:timers/promises'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { Log } from '../log.ts'
import { type AllowedHosts, assertAllowedHost } from '../safety.ts'
import { invokeTimeoutMs } from '../settings/limits.ts'
import { accepts } from './accepts.ts'
import { dummyAccount, givingUpAfter } from './aws-client.ts'
import { emulatedFunctionName, readEmulatorAnswer } from './emulator-answer.ts'
import { errorFields } from './function-error.ts'
import type { InvokeOutcome, Invoker } from './invoker.ts'

const probeIntervalMs = 100
const probeTimeoutMs = 5_000

/**
 * @param endpoint `http://localhost:3002`
 * @throws LocalError REMOTE_REFUSED where the endpoint is not on this machine
 * @example const outcome = await lambdaApi({ endpoint, region: 'us-east-1', allowed, log }).invoke('demo-dev-bars', payload, signal)
 */
export function lambdaApi(options: {
  readonly endpoint: string
  readonly region: string
  readonly allowed: AllowedHosts
  readonly log: Pick<Log, 'notice' | 'warning'>
  /** After so long a line says that the endpoint is waited for. */
  readonly patienceMs?: number
}): Invoker {
  const url = new URL(options.endpoint)
  assertAllowedHost(url.hostname, `the Lambda endpoint ${url.host}`, options.allowed)
  const client = new LambdaClient({
    endpoint: options.endpoint,
    region: options.region,
    ...dummyAccount,
    // A second try of the client would be a second delivery that the mapping knows nothing of.
    maxAttempts: 1,
    requestHandler: givingUpAfter(invokeTimeoutMs),
  })

  // No emulator looks at signatures, and the hash of a payload of 6 MB is milliseconds: the client takes one that is there.
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args
      if (hasHeaders(request)) request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
      return next(args)
    },
    { step: 'build', name: 'unsignedPayload' },
  )

  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const { log, patienceMs = 5_000 } = options
  /** Each mapping waits for itself; what it waits for is said once for all of them. */
  let isWaitSaid = false

  return {
    ready: async (signal) => {
      const startedAtMs = performance.now()
      while (!(await accepts(host, port, probeTimeoutMs))) {
        if (!isWaitSaid && performance.now() - startedAtMs >= patienceMs) {
          isWaitSaid = true
          log.warning(`nothing answers at ${url.origin} (the Lambda endpoint); waiting`)
        }
        await delay(probeIntervalMs, undefined, { signal })
      }
      if (isWaitSaid) log.notice(`the Lambda endpoint ${url.origin} answers`)
      isWaitSaid = false
    },

    invoke: async (functionName, { bytes }, signal): Promise<InvokeOutcome> => {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'RequestResponse',
        Payload: bytes,
      })
      try {
        const response = await client.send(command, { abortSignal: signal })
        const payload = Buffer.from(response.Payload ?? []).toString('utf8')
        if (response.FunctionError !== undefined) return functionError(payload)
        const isEmulator = functionName === emulatedFunctionName && response.ExecutedVersion === undefined
        return isEmulator ? readEmulatorAnswer(payload) : { kind: 'success', payload }
      } catch (error) {
        return failedInvocation(error)
      }
    },

    close: () => client.destroy(),
  }
}

const hasHeaders = (request: unknown): request is { readonly headers: Record<string, string> } =>
  typeof request === 'object' && request !== null && 'headers' in request

function functionError(payload: string): InvokeOutcome {
  const { errorType = 'Error', errorMessage = payload } = errorFields(payload) ?? {}
  return { kind: 'functionError', errorType, message: errorMessage }
}

function failedInvocation(error: unknown): InvokeOutcome {
  const name = error instanceof Error ? error.name : 'Error'
  const message = error instanceof Error ? error.message || errorCode(error) : String(error)
  if (name === 'TooManyRequestsException') return { kind: 'throttled', message }
  return { kind: 'unavailable', message: `${name}: ${message}` }
}

/** A refused connection to a name with two addresses is an AggregateError with a code and no message. */
const errorCode = (error: Error): string => ('code' in error ? String(error.code) : 'no message')
