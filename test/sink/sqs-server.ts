// A queue that speaks SQS's JSON protocol on loopback: keeps what it is sent, and refuses what a test tells it to. AWS's own
// client talks to it, which checks the digests in the answers.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod'

const Request = z.object({
  QueueUrl: z.string(),
  Entries: z.array(
    z.object({
      Id: z.string(),
      MessageBody: z.string(),
      MessageAttributes: z.record(z.string(), z.object({ DataType: z.string(), StringValue: z.string() })),
    }),
  ),
})

export type Entry = z.infer<typeof Request>['Entries'][number]

export interface SqsServer extends AsyncDisposable {
  readonly client: SQSClient
  readonly queueUrl: string
  /** Every batch that arrived, also what was refused of it. */
  readonly batches: readonly (readonly Entry[])[]
  /** The messages in the queue. */
  readonly messages: readonly Entry[]
}

/**
 * @param refuse gives the code to refuse a message with; `null` takes it
 * @param answers false for a queue that takes calls and never answers them
 */
export async function sqsServer(
  refuse: (entry: Entry, batch: number) => string | null = () => null,
  { answers = true }: { readonly answers?: boolean } = {},
): Promise<SqsServer> {
  const batches: (readonly Entry[])[] = []
  const messages: Entry[] = []
  const server = createServer(async (request, response) => {
    if (!answers) return
    const { Entries } = Request.parse(JSON.parse(await bodyOf(request)))
    batches.push(Entries)
    const codes = Entries.map((entry) => refuse(entry, batches.length - 1))
    const taken = Entries.filter((_, i) => codes[i] === null)
    messages.push(...taken)
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(
      JSON.stringify({
        Successful: taken.map(({ Id, MessageBody }) => ({
          Id,
          MessageId: `message-${Id}`,
          MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
        })),
        Failed: Entries.flatMap(({ Id }, i) => {
          const Code = codes[i] ?? null
          return Code === null ? [] : [{ Id, Code, SenderFault: false, Message: 'told to' }]
        }),
      }),
    )
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const endpoint = `http://127.0.0.1:${port}`
  const client = new SQSClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  return {
    client,
    queueUrl: `${endpoint}/000000000000/dead-letters`,
    batches,
    messages,
    async [Symbol.asyncDispose]() {
      client.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
