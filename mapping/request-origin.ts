// Which HTTP requests to a server of this machine are refused: those that a page in the browser makes for another site. A page may
// send to 127.0.0.1 without asking (a simple request), and under a name of its own that it lets point here (DNS rebinding).

import { isIP } from 'node:net'
import { type AllowedHosts, hostOf, isAllowedHost } from './safety.ts'
import { printable } from './terminal.ts'

/** The two headers that tell; names in lower case, as Node gives them. */
export interface RequestOrigin {
  readonly host?: string | undefined
  readonly origin?: string | undefined
}

/**
 * @returns why the request is refused, in a sentence; undefined for one that may pass
 * @example foreignRequest({ host: '127.0.0.1:3002', origin: 'https://evil.example' }, noRemoteHosts)
 */
export function foreignRequest({ host, origin }: RequestOrigin, allowed: AllowedHosts): string | undefined {
  if (origin !== undefined && !isOwn(originHost(origin), allowed))
    return `a page of ${printable(origin, 200)} may not call this machine; --allow-remote HOST allows one.`
  const name = hostOf(host ?? '')
  // An address cannot be made to point elsewhere, nor can a name without a dot, such as that of a compose service.
  if (name === '' || isIP(name) !== 0 || !name.includes('.') || isOwn(name, allowed)) return undefined
  return `the request is to ${printable(name, 200)}, which is no name of this machine; --allow-remote HOST allows one.`
}

const isOwn = (host: string, allowed: AllowedHosts): boolean =>
  isAllowedHost(host, allowed) || host.endsWith('.localhost')

/** The origin `null` of a sandboxed page, or of a file, is no host at all. */
const originHost = (origin: string): string => (URL.canParse(origin) ? new URL(origin).hostname : origin)
