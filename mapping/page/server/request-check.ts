// Which requests the page's server answers: those of a browser on this machine that was shown the token, made by the page itself. A
// site that somebody has open may send requests to 127.0.0.1, under a name of its own too; none of them gets here.

import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface CheckedRequest {
  readonly method: string
  readonly path: string
  /** The token in the address, where it has one. */
  readonly givenToken: string | null
  readonly headers: IncomingHttpHeaders
}

export interface Refusal {
  readonly status: 401 | 403
  /** Why, in a sentence. */
  readonly message: string
}

/** Cookies are shared by all ports of a host: two pages would overwrite each other's. */
export const cookieName = (port: number): string => `kafka-mapping-page-${port}`

/** Names of this machine's loopback that nobody else can let point elsewhere. */
const ownHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/

/**
 * @param port the server's own, which names the cookie
 * @returns undefined for a request that is answered
 * @example refusalOf({ method: 'GET', path: '/feed', givenToken: null, headers }, token, 3003)?.status // 401
 */
export function refusalOf(request: CheckedRequest, token: string, port: number): Refusal | undefined {
  const { method, path, givenToken, headers } = request
  const host = headers.host ?? ''
  if (!ownHost.test(host))
    return {
      status: 403,
      message: 'The page is there under 127.0.0.1 and localhost only: the Host header names another.',
    }
  if (headers.origin !== undefined && headers.origin !== `http://${host}`)
    return { status: 403, message: 'A page of another origin may not call this one.' }
  const isOpening = method === 'GET' && path === '/' && givenToken !== null
  const site = headers['sec-fetch-site']
  if (!isOpening && site !== undefined && site !== 'same-origin' && site !== 'none')
    return { status: 403, message: 'A page of another site may not call this one.' }
  const given = isOpening ? givenToken : (cookieOf(headers.cookie, cookieName(port)) ?? headerOf(headers))
  if (given !== undefined && given !== null && isSame(given, token)) return undefined
  return { status: 401, message: 'Open the address that the start printed: it has the token of this page.' }
}

const headerOf = (headers: IncomingHttpHeaders): string | undefined => {
  const given = headers['x-page-token']
  return typeof given === 'string' ? given : undefined
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.split('=')
    if (key?.trim() === name) return value?.trim()
  }
  return undefined
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}
