// Where the page of a start is: its port, and the token that opens it. Both are the same at the next start where that can be, so that a
// page that stays open in a browser finds it again.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { newToken } from 'serverless-offline-kafka-mapping/internal/page/page'
import { freePort, isTaken } from '../../process/port.ts'
import type { Service } from './service.ts'
import type { CliSettings } from './settings.ts'

export interface PageAddress {
  readonly port: number
  readonly token: string
  /** With the token. */
  readonly url: string
}

/**
 * @returns undefined where there shall be no page
 * @example (await pageAddress(service, settings))?.url // 'http://127.0.0.1:3003/?token=…'
 */
export async function pageAddress(
  { localDir }: Pick<Service, 'localDir'>,
  { pagePort }: Pick<CliSettings, 'pagePort'>,
): Promise<PageAddress | undefined> {
  if (pagePort === 'off') return undefined
  const port = (await isTaken(pagePort)) ? await freePort() : pagePort
  const token = keptToken(join(localDir, 'page-token'))
  return { port, token, url: `http://127.0.0.1:${port}/?token=${token}` }
}

function keptToken(file: string): string {
  try {
    const kept = readFileSync(file, 'utf8').trim()
    if (/^[\w-]{16,200}$/.test(kept)) return kept
  } catch {
    // It is the first start.
  }
  const token = newToken()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  return token
}
