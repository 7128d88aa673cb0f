// The logs of functions in LocalStack, read as they grow: CloudWatch Logs by AWS's own client, asked again and again. Each event is
// given once, in the order of their times.
import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { dummyAccount, givingUpAfter } from 'serverless-offline-kafka-mapping/internal/invoke/aws-client'
import { isLoopback } from 'serverless-offline-kafka-mapping/internal/safety'

export interface FunctionLog {
  /**
   * What came since the last call, as messages, the oldest first.
   * @param signal gives up; what it would have given comes with the next call
   */
  read(signal: AbortSignal): Promise<readonly string[]>
  close(): void
}

/** An event may be stored a while after its time, while others of a later time are there already. */
const overlapMs = 60_000
/** The limit of each of three tries. */
const requestTimeoutMs = 5_000

/**
 * @param endpoint on this machine
 * @param functionName as on AWS
 * @throws LocalError REMOTE_REFUSED
 * @example const log = openFunctionLog('http://127.0.0.1:4566', 'microbatch-localstack-bars')
 */
export function openFunctionLog(endpoint: string, functionName: string): FunctionLog {
  if (!isLoopback(new URL(endpoint).hostname)) {
    throw new LocalError('REMOTE_REFUSED', `LocalStack at ${endpoint} is not this machine: not dialled.`)
  }
  const client = new CloudWatchLogsClient({
    endpoint,
    region: 'us-east-1',
    ...dummyAccount,
    requestHandler: givingUpAfter(requestTimeoutMs),
  })
  const logGroupName = `/aws/lambda/${functionName}`
  /** Event id -> its time, of those that a next answer may hold again. */
  const seen = new Map<string, number>()
  let newestMs = 0

  async function read(signal: AbortSignal): Promise<readonly string[]> {
    // Nothing is taken for seen before all pages are there: what fails in between is asked for again, whole.
    const events = new Map<string, FilteredLogEvent>()
    const startTime = Math.max(0, newestMs - overlapMs)
    let nextToken: string | undefined
    do {
      const answer = await client.send(new FilterLogEventsCommand({ logGroupName, startTime, nextToken }), {
        abortSignal: signal,
      })
      for (const event of answer.events ?? []) {
        const { eventId = '' } = event
        if (!seen.has(eventId)) events.set(eventId, event)
      }
      nextToken = answer.nextToken
    } while (nextToken !== undefined)
    for (const [id, { timestamp = 0 }] of events) {
      seen.set(id, timestamp)
      newestMs = Math.max(newestMs, timestamp)
    }
    for (const [id, timeMs] of seen) if (timeMs < newestMs - 2 * overlapMs) seen.delete(id)
    // AWS sorts them itself; LocalStack gives those of one container after those of another
    const inTime = [...events.values()].sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))
    return inTime.map(({ message = '' }) => message)
  }

  return {
    async read(signal) {
      try {
        return await read(signal)
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return [] // the function has not run yet
        throw error
      }
    },
    close: () => client.destroy(),
  }
}
