// The address of the local registry: Confluent's REST API at the root, as functions and mappings name it, in front of Apicurio Registry,
// which has that API below a path of its own. What is already below one of Apicurio's paths goes through as it is.
import { once } from 'node:events'
import { createServer, request } from 'node:http'

export interface Gateway {
  close(): Promise<void>
}

const confluentPath = '/apis/ccompat/v7'

/** @example registryPath('/subjects?deleted=true') // '/apis/ccompat/v7/subjects?deleted=true' */
export const registryPath = (path: string): string => (/^\/(apis|ui|health)\b/.test(path) ? path : confluentPath + path)

/** @throws the system's error where the port is taken */
export async function openGateway(port: number, registryPort: number): Promise<Gateway> {
  const server = createServer((incoming, answer) => {
    const { method, headers, url = '/' } = incoming
    const outgoing = request(
      { host: '127.0.0.1', port: registryPort, method, path: registryPath(url), headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      },
    )
    outgoing.on('error', (error) => {
      if (answer.headersSent) return answer.destroy()
      answer.writeHead(503, { 'content-type': 'application/json' })
      answer.end(JSON.stringify({ error_code: 50003, message: `the registry does not answer: ${error.message}` }))
    })
    incoming.pipe(outgoing)
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
