// The page's HTTP server, on this machine's loopback only: the files of the page, its feed, its buttons. Every request is checked first;
// what it answers may load nothing from elsewhere, run nothing inline, and stand in no frame.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PageView } from '../view/page-view.ts'
import { type Answer, act, type MappingControls } from './actions.ts'
import { readAssets } from './assets.ts'
import { openFeed } from './feed.ts'
import { cookieName, refusalOf } from './request-check.ts'

export interface PageServer {
  readonly port: number
  readonly close: () => Promise<void>
}

export interface PageServerOptions {
  /** 0 for any that is free. */
  readonly port: number
  readonly token: string
  readonly view: PageView
  /** By the mapping's id. */
  readonly controls: ReadonlyMap<string, MappingControls>
  /** Told of an error of the page itself, after which it is to be closed. */
  readonly failed: (error: unknown) => void
}

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

const maxBodyBytes = 4_096

/** @throws (rejects) the system's error where the port cannot be had @example const { port } = await servePage({ port: 0, token, view, controls, failed }) */
export async function servePage(options: PageServerOptions): Promise<PageServer> {
  const { token, view, controls, failed } = options
  const assets = readAssets()
  const feed = openFeed(view, failed)
  let ownPort = options.port

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const { method = 'GET' } = request
    const givenToken = searchParams.get('token')
    const refusal = refusalOf({ method, path, givenToken, headers: request.headers }, token, ownPort)
    if (refusal !== undefined) return plain(response, refusal.status, refusal.message)
    if (method === 'POST') {
      const body = await bodyOf(request)
      if (body === undefined) return plain(response, 413, 'The body is too long.')
      return json(response, await act(view, controls, path, body))
    }
    if (method !== 'GET') return plain(response, 405, 'GET and POST only.')
    if (path === '/' && givenToken !== null) {
      // Out of the address, and by it out of the history: from here on the cookie has it.
      const cookie = `${cookieName(ownPort)}=${token}; HttpOnly; SameSite=Strict; Path=/`
      response.writeHead(303, { location: '/', 'set-cookie': cookie }).end()
      return
    }
    if (path === '/feed')
      return feed.isFree() ? feed.open(response) : plain(response, 503, 'The page is open too often.')
    const [, batch] = /^\/batches\/(\d+)\/payload$/.exec(path) ?? []
    if (batch !== undefined) return payload(response, Number(batch))
    const asset = assets.get(path)
    if (asset === undefined) return plain(response, 404, 'There is no such file.')
    response.writeHead(200, { 'content-type': asset.type }).end(asset.bytes)
  }

  function payload(response: ServerResponse, batch: number): void {
    const kept = view.payload(batch)
    if (kept === undefined) plain(response, 404, 'The payload of this batch is no longer kept.')
    else response.writeHead(200, { 'content-type': 'application/json' }).end(kept.bytes)
  }

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    answer(request, response).catch(() => {
      if (!response.headersSent) plain(response, 500, 'The page failed at this request.')
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  }).catch((error: unknown) => {
    feed.close()
    throw error
  })
  // It shall not keep alive a process that is otherwise done, nor end one.
  server.on('error', () => undefined).unref()
  ownPort = (server.address() as AddressInfo).port
  return {
    port: ownPort,
    close: () =>
      new Promise((resolve) => {
        feed.close()
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function plain(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`)
}

function json(response: ServerResponse, { status, ...body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** @returns undefined for one that is too long */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
