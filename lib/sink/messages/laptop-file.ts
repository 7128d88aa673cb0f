// On a laptop without an emulator: what would go to a queue or a bus, as lines of a file below .local.

import { appendFile, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The file has payloads in it, so only its owner may read it. @example await appendToLaptop('sqs', 'orders', entries) // .local/sqs/orders.ndjson */
export async function appendToLaptop(service: string, name: string, lines: readonly object[]): Promise<void> {
  const path = `.local/${service}/${name.replace(/[^\w.-]/g, '_')}.ndjson`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await appendFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 })
}
