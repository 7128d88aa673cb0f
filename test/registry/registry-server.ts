// A small HTTP server in place of a registry: it answers by path and keeps what it was asked.

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Answer {
  readonly status?: number
  readonly body: unknown
}

export interface Asked {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface RegistryServer extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
}

/** @param answer undefined for no answer at all */
export async function registryServer(answer: (asked: Asked) => Answer | undefined): Promise<RegistryServer> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const question = { path: request.url ?? '', headers: request.headers, body }
    asked.push(question)
    const answered = answer(question)
    if (answered === undefined) return
    response.writeHead(answered.status ?? 200, { 'content-type': 'application/json' })
    response.end(typeof answered.body === 'string' ? answered.body : JSON.stringify(answered.body))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
