// Nothing local dials another machine unless the user named it. Brokers are the reason this stands below kafkajs: after the
// bootstrap a client dials the addresses that brokers advertise, so the check is made at the socket, for every one of them.

import type { ISocketFactory } from 'kafkajs'
import { type AllowedHosts, checkedSocketFactory, isAllowedHost } from '../lib/hosts.ts'
import { LocalError } from './error.ts'
import { printable } from './terminal.ts'

export { type AllowedHosts, hostOf, isAllowedHost, isLoopback, parseAllowedHosts } from '../lib/hosts.ts'

export const noRemoteHosts: AllowedHosts = new Set()

/**
 * @param what what is about to be dialled, for the message: 'the broker', 'the Lambda endpoint'
 * @throws LocalError REMOTE_REFUSED, before any connection, saying how to allow the host
 * @example assertAllowedHost('b-1.demo.kafka.eu-west-1.amazonaws.com', 'the broker', noRemoteHosts) // throws
 */
export function assertAllowedHost(host: string, what: string, allowed: AllowedHosts): void {
  if (isAllowedHost(host, allowed)) return
  const name = printable(host)
  throw new LocalError(
    'REMOTE_REFUSED',
    `${what} is at ${name}, which is not this machine: not dialled. If it is meant, name it: ` +
      `--allow-remote ${name} (or ALLOW_REMOTE=${name}); for a local broker set KAFKA_BROKERS=localhost:9092.`,
  )
}

/**
 * kafkajs's own socket factory with the check in front, so that it applies to advertised addresses too.
 *
 * @param refused told of each refusal, since kafkajs takes the error for one more failed connection
 * @example new Kafka({ brokers, socketFactory: guardedSocketFactory(allowed, (error) => log.error(error.message)) })
 */
export const guardedSocketFactory = (allowed: AllowedHosts, refused: (error: LocalError) => void): ISocketFactory =>
  checkedSocketFactory((host, port) => {
    try {
      assertAllowedHost(host, `the broker's advertised address ${printable(host)}:${port}`, allowed)
    } catch (error) {
      if (error instanceof LocalError) refused(error)
      throw error
    }
  })
