// A DynamoDB API inside the test process (dynalite), on a free port of the loopback interface, in memory.
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { withTable } from './dynamo-table.ts'
import type { StoreUnderTest } from './store-contract.ts'

const dynalite: (options: { readonly createTableMs: number }) => Server = createRequire(import.meta.url)('dynalite')

export interface EmbeddedDynamoDb {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

export async function startEmbeddedDynamoDb(): Promise<EmbeddedDynamoDb> {
  const server = dynalite({ createTableMs: 0 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('dynalite listens on no port')
  const stop = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()))
      server.closeAllConnections()
    })
  return { endpoint: `http://127.0.0.1:${address.port}`, stop }
}

export async function embeddedStore(table: string): Promise<StoreUnderTest> {
  const { endpoint, stop } = await startEmbeddedDynamoDb()
  return withTable(endpoint, table, stop)
}
