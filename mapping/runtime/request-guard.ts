// In front of serverless-offline's Invoke endpoint: whoever opens a page must not let it invoke functions.

import { foreignRequest, type RequestOrigin } from '../request-origin.ts'
import { offlineContext } from './offline-context.ts'

/** The parts of a hapi server that are used. */
interface HapiServer {
  ext(event: 'onRequest', method: (request: HapiRequest, toolkit: HapiToolkit) => unknown): void
}
interface HapiRequest {
  readonly headers: RequestOrigin
}
interface HapiToolkit {
  readonly continue: symbol
  response(body: object): { code(status: number): { takeover(): unknown } }
}

/** @example guardRequests(new Server({ host, port })) */
export function guardRequests(server: HapiServer): void {
  server.ext('onRequest', (request, toolkit) => {
    const { allowed, log } = offlineContext()
    const why = foreignRequest(request.headers, allowed)
    if (why === undefined) return toolkit.continue
    log.warning(`an invocation was refused: ${why}`)
    return toolkit.response({ Type: 'User', Message: why }).code(403).takeover()
  })
}
