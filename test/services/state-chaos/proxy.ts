// A way to DynamoDB that fails now and then, as a network and a service do: throttled, a server error, a connection that is cut
// before the request is sent on or after it was carried out, an answer that is late.

import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Random } from '../../state/schedule/random.ts'

export type Fault = 'throttled' | 'server error' | 'cut before' | 'cut after' | 'late'

export interface FaultyProxy {
  readonly endpoint: string
  /** How often each fault happened. */
  readonly faults: ReadonlyMap<Fault, number>
  stop(): Promise<void>
}

/** Below and beyond the time after which the state store gives a request up (2 s). */
const lateMs = { least: 50, most: 2_500 }

/** Chance of a fault, for each request; and how often, for how many requests and how badly things are worse. */
const chance = { usual: 0.03, bad: 0.8, turnsBad: 0.004 }
const badRequests = { least: 10, most: 60 }

export async function startFaultyProxy(target: string, random: Random): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target)
  const agent = new Agent({ keepAlive: true })
  const faults = new Map<Fault, number>()
  let badFor = 0
  const draw = (): Fault | null => {
    if (badFor === 0 && random.chance(chance.turnsBad)) badFor = random.between(badRequests.least, badRequests.most)
    else if (badFor > 0) badFor -= 1
    if (!random.chance(badFor > 0 ? chance.bad : chance.usual)) return null
    const fault = random.pick<Fault>([
      'throttled',
      'throttled',
      'server error',
      'cut before',
      'cut after',
      'cut after',
      'late',
    ])
    faults.set(fault, (faults.get(fault) ?? 0) + 1)
    return fault
  }

  /** Sends the request on and gives the whole answer. */
  const carryOut = (incoming: IncomingMessage, body: Buffer) =>
    new Promise<{ readonly message: IncomingMessage; readonly body: Buffer }>((resolve, reject) => {
      const { method, url: path, headers } = incoming
      const outgoing = httpRequest({ agent, hostname, port, method, path, headers }, (message) => {
        wholeOf(message).then((answer) => resolve({ message, body: answer }), reject)
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await wholeOf(incoming)
    const fault = draw()
    switch (fault) {
      case 'throttled':
        return refuse(response, 400, 'ProvisionedThroughputExceededException')
      case 'server error':
        return refuse(response, 500, 'InternalServerError')
      case 'cut before':
        response.destroy()
        return
      default: {
        const answer = await carryOut(incoming, body)
        if (fault === 'cut after') {
          response.destroy()
          return
        }
        const answering = (): void => {
          response.writeHead(answer.message.statusCode ?? 500, answer.message.headers)
          response.end(answer.body)
        }
        if (fault === 'late') setTimeout(answering, random.between(lateMs.least, lateMs.most))
        else answering()
      }
    }
  }

  const server = createServer((incoming, response) => {
    // A worker that was killed has cut its connection; nobody waits for the answer.
    serve(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port: own } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${own}`,
    faults,
    async stop() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function wholeOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The form of DynamoDB's errors ("Error handling with DynamoDB", Developer Guide). */
function refuse(response: ServerResponse, status: number, name: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'as the proxy was told' }))
}
