// What AWS's own clients are told here, whatever service they are for: which account they are (none), and how long they wait.

/** Nothing is read from profiles or the environment, and nothing signed with these reaches an account. */
export const dummyAccount = { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } as const

const connectionTimeoutMs = 5_000

/**
 * A client's `requestHandler` that gives up. Smithy's `requestTimeout` alone writes a warning and waits on, without end
 * (@smithy/node-http-handler, set-request-timeout); each of the client's tries has this time for itself.
 *
 * @example new SQSClient({ endpoint, region, ...dummyAccount, requestHandler: givingUpAfter(10_000) })
 */
export const givingUpAfter = (requestTimeoutMs: number) => ({
  requestTimeout: requestTimeoutMs,
  throwOnRequestTimeout: true,
  connectionTimeout: Math.min(connectionTimeoutMs, requestTimeoutMs),
})
