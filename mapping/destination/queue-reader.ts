// Messages of an SQS queue, read back: what a mapping or a query put there. A message is hidden from others while it is read, and is
// taken off the queue only when it is done with.

import { dummyAccount, givingUpAfter } from '../invoke/aws-client.ts'
import { type AllowedHosts, assertAllowedHost, isLoopback } from '../safety.ts'

export interface QueueMessage {
  readonly id: string
  readonly body: string
  /** Takes it off the queue. */
  readonly remove: () => Promise<void>
}

export interface QueueReader {
  /** All that the queue has now, at most so many. */
  read(max: number): Promise<readonly QueueMessage[]>
  /** Gives back what was not taken off: others see it at once. */
  close(): Promise<void>
}

/** How long a message stays hidden from other readers, seconds. */
const hiddenSeconds = 900

/**
 * @param queueUrl on this machine, or at a host that is allowed: then with the user's own credentials
 * @throws LocalError REMOTE_REFUSED
 * @example const messages = await (await openQueue('http://localhost:4566/000000000000/failed', noRemoteHosts)).read(1000)
 */
export async function openQueue(queueUrl: string, allowed: AllowedHosts): Promise<QueueReader> {
  const { hostname, origin } = new URL(queueUrl)
  assertAllowedHost(hostname, 'the queue', allowed)
  const { ChangeMessageVisibilityCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } = await import(
    '@aws-sdk/client-sqs'
  )
  const client = new SQSClient({
    endpoint: origin,
    useQueueUrlAsEndpoint: false,
    maxAttempts: 3,
    requestHandler: givingUpAfter(30_000),
    ...(isLoopback(hostname) ? { region: 'us-east-1', ...dummyAccount } : {}),
  })
  const receive = () =>
    client.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: hiddenSeconds, WaitTimeSeconds: 1 },
      }),
    )
  const held = new Map<string, string | undefined>()
  const release = (ReceiptHandle: string | undefined) =>
    client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
  return {
    async read(max) {
      const found = new Map<string, QueueMessage>()
      while (found.size < max) {
        const { Messages = [] } = await receive()
        for (const { MessageId: id = '', Body: body = '', ReceiptHandle } of Messages) {
          const remove = async () => {
            await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }))
            held.delete(id)
          }
          held.set(id, ReceiptHandle)
          found.set(id, { id, body, remove })
        }
        if (Messages.length === 0) break
      }
      return [...found.values()]
    },
    async close() {
      // One that cannot be given back comes by itself.
      await Promise.all([...held.values()].map((receipt) => release(receipt).catch(() => undefined)))
      client.destroy()
    },
  }
}
