// AWS's REST APIs on loopback: answers as a test says, keeps what it was asked.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AwsEnvironment } from '../../lib/kafka/aws-request.ts'

export interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface AwsServer extends AsyncDisposable {
  readonly environment: AwsEnvironment
  readonly asked: readonly Asked[]
}

export const credentials = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'token+with/signs==',
}

export async function awsServer(answer: (asked: Asked) => { status?: number; body: unknown }): Promise<AwsServer> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const one = { method: request.method, url: request.url, headers: request.headers, body }
    asked.push(one)
    const { status = 200, body: said } = answer(one)
    response.writeHead(status).end(JSON.stringify(said))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    environment: { ...credentials, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
