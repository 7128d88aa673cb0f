// Lambda's Runtime API (developer guide, "Using the Lambda runtime API"), its four routes: the runtime asks for the next event,
// and posts its answer, its error, or that it could not start. It stands for the Lambda service beside a container.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RuntimeError {
  readonly errorType: string
  readonly errorMessage: string
}

/** What became of an invocation. */
export type Outcome =
  | { readonly kind: 'response'; readonly body: unknown }
  | { readonly kind: 'error'; readonly error: RuntimeError }
  | { readonly kind: 'timeout' }

interface Invocation {
  readonly id: string
  readonly event: string
  readonly timeoutMs: number
  readonly settle: (outcome: Outcome) => void
}

export class RuntimeApi implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#serve(request, response))
  readonly #waiting: Invocation[] = []
  readonly #running = new Map<string, Invocation>()
  #asking: ServerResponse | undefined
  readonly #ready = Promise.withResolvers<RuntimeError | null>()
  /** Settles when the runtime asks for its first event (null), or says that it could not start. */
  readonly started = this.#ready.promise
  address = ''

  async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    this.address = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  /** One event to the runtime; a timeout is only told, the container is the caller's to kill. */
  invoke(event: unknown, timeoutMs: number): Promise<Outcome> {
    return new Promise((settle) => {
      this.#waiting.push({ id: randomUUID(), event: JSON.stringify(event), timeoutMs, settle })
      this.#next()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #next(): void {
    const response = this.#asking
    const invocation = response === undefined ? undefined : this.#waiting.shift()
    if (response === undefined || invocation === undefined) return
    this.#asking = undefined
    this.#running.set(invocation.id, invocation)
    setTimeout(() => this.#settle(invocation.id, { kind: 'timeout' }), invocation.timeoutMs).unref()
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(Date.now() + invocation.timeoutMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:rehearsal',
    })
    response.end(invocation.event)
  }

  #settle(id: string, outcome: Outcome): void {
    this.#running.get(id)?.settle(outcome)
    this.#running.delete(id)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '')
    if (path === 'invocation/next') {
      this.#ready.resolve(null)
      this.#asking = response
      this.#next()
      return
    }
    let body = ''
    for await (const chunk of request) body += String(chunk)
    response.writeHead(202).end('{"status":"OK"}')
    const [, id = '', what] = path.split('/')
    if (path === 'init/error') this.#ready.resolve(JSON.parse(body))
    else if (what === 'response') this.#settle(id, { kind: 'response', body: JSON.parse(body) })
    else if (what === 'error') this.#settle(id, { kind: 'error', error: JSON.parse(body) })
    else throw new Error(`the runtime called ${request.method} ${request.url}, which Lambda does not have`)
  }
}
