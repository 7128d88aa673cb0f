// The counters of all running mappings as JSON over HTTP, on this machine's loopback only: for a dashboard, a test, a curious
// person. It shows numbers and names, never records.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LocalError } from '../error.ts'
import { foreignRequest } from '../request-origin.ts'
import type { AllowedHosts } from '../safety.ts'
import type { MappingReport } from './mapping-report.ts'

export interface MetricsEndpoint {
  readonly url: string
  close(): Promise<void>
}

/**
 * @param port 0 for any that is free
 * @param allowed hosts beyond this machine whose pages may read it
 * @throws LocalError PORT_TAKEN
 * @example const endpoint = await serveMetrics(9464, () => reports, noRemoteHosts); // curl http://127.0.0.1:9464/
 */
export async function serveMetrics(
  port: number,
  report: () => readonly MappingReport[],
  allowed: AllowedHosts,
): Promise<MetricsEndpoint> {
  const server = createServer((request, response) => {
    const why = foreignRequest(request.headers, allowed)
    if (why !== undefined) {
      response.writeHead(403, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify({ message: why })}\n`)
      return
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    response.writeHead(isRead ? 200 : 405, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(isRead ? `${JSON.stringify({ mappings: report() }, undefined, 2)}\n` : undefined)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new LocalError('PORT_TAKEN', `the metrics port ${port} cannot be had: ${error.message}`, { cause: error }),
      ),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  // It shall not keep alive a process that is otherwise done.
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
