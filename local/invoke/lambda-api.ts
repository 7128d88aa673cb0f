// The Lambda Invoke API by AWS's own client: serverless-offline's endpoint, the runtime interface emulator, LocalStack. The
// endpoint is explicit and on this machine, the credentials are dummies, and nothing is read from profiles or the environment.

import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { dummyAccount, givingUpAfter } from '../aws-client.ts'
import { invokeTimeoutMs } from '../mapping/limits.ts'
import { type AllowedHosts, assertAllowedHost } from '../safety.ts'
import { emulatedFunctionName, readEmulatorAnswer } from './emulator-answer.ts'
import type { InvokeOutcome, Invoker } from './invoker.ts'

const probeIntervalMs = 100
const connectionTimeoutMs = 5_000

/**
 * @param endpoint `http://localhost:3002`
 * @throws LocalError REMOTE_REFUSED where the endpoint is not on this machine
 * @example const outcome = await lambdaApi({ endpoint, region: 'us-east-1', allowed }).invoke('demo-dev-bars', payload, signal)
 */
export function lambdaApi(options: {
  readonly endpoint: string
  readonly region: string
  readonly allowed: AllowedHosts
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

  return {
    ready: async (signal) => {
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
      while (!(await answers(url.hostname.replace(/^\[|\]$/g, ''), port))) {
        await delay(probeIntervalMs, undefined, { signal })
      }
    },

    invoke: async (functionName, { text }, signal): Promise<InvokeOutcome> => {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'RequestResponse',
        Payload: text,
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

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (isUp: boolean) => {
      socket.destroy()
      resolve(isUp)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.setTimeout(connectionTimeoutMs, () => end(false))
  })
}

function functionError(payload: string): InvokeOutcome {
  // What a failed function answers is its own business; only the two fields AWS documents are looked for.
  const answer = parsed(payload)
  const field = (name: string): string | undefined => {
    const value: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined
    return typeof value === 'string' ? value : undefined
  }
  return { kind: 'functionError', errorType: field('errorType') ?? 'Error', message: field('errorMessage') ?? payload }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function failedInvocation(error: unknown): InvokeOutcome {
  const name = error instanceof Error ? error.name : 'Error'
  const message = error instanceof Error ? error.message || errorCode(error) : String(error)
  if (name === 'TooManyRequestsException') return { kind: 'throttled', message }
  return { kind: 'unavailable', message: `${name}: ${message}` }
}

/** A refused connection to a name with two addresses is an AggregateError with a code and no message. */
const errorCode = (error: Error): string => ('code' in error ? String(error.code) : 'no message')
