// Where serverless-offline takes invocations, from its own options.

import { isIPv6 } from 'node:net'
import { LocalError } from '../error.ts'

/**
 * @param host as serverless-offline listens: a name or an address, `::1` without brackets
 * @throws LocalError SETTINGS_INVALID where the two make no URL
 * @example offlineEndpoint('0.0.0.0', '3002') // 'http://127.0.0.1:3002'
 */
export function offlineEndpoint(host: string, port: string): string {
  if (!/^[1-9]\d*$/.test(port))
    throw new LocalError(
      'SETTINGS_INVALID',
      `custom.serverless-offline.lambdaPort is ${port}: serverless-offline then listens at a port of chance, or at none, where ` +
        'the mappings cannot find it. Give it a number, such as 3002, or leave it out.',
    )
  // A server on all interfaces is reached by the loopback one.
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const url = `http://${isIPv6(reached) ? `[${reached}]` : reached}:${port}`
  if (URL.canParse(url)) return url
  throw new LocalError('SETTINGS_INVALID', `serverless-offline's host ${host} and lambdaPort ${port} make no URL.`)
}
