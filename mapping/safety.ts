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
      `--allow-remote ${name}; else name a broker of this machine in its place, such as localhost:9092.`,
  )
}

/** A name that no address is found for, as the network says it. */
export const isNameUnknown = (error: unknown): boolean =>
  error instanceof Error && /\b(ENOTFOUND|EAI_AGAIN)\b/.test(`${Reflect.get(error, 'code')} ${error.message}`)

/** A broker that answered advertised it, most often: in compose it is known inside of the network only. */
function unknownName(host: string, port: number): LocalError {
  const address = `${printable(host)}:${port}`
  return new LocalError(
    'KAFKA_UNAVAILABLE',
    `no address is found for ${address}. Where the broker advertises that name, as one in a container does: let it advertise ` +
      `localhost to clients outside (a second listener), or give the name the address 127.0.0.1 in /etc/hosts; trying again.`,
  )
}

/**
 * kafkajs's own socket factory with the check in front, so that it applies to advertised addresses too.
 *
 * @param refused told of each refusal, and of each name without an address: to kafkajs both are one more failed connection
 * @example new Kafka({ brokers, socketFactory: guardedSocketFactory(allowed, (error) => log.error(error.message)) })
 */
export function guardedSocketFactory(allowed: AllowedHosts, refused: (error: LocalError) => void): ISocketFactory {
  const connect = checkedSocketFactory((host, port) => {
    try {
      assertAllowedHost(host, `the broker's advertised address ${printable(host)}:${port}`, allowed)
    } catch (error) {
      if (error instanceof LocalError) refused(error)
      throw error
    }
  })
  return (options) => {
    const socket = connect(options)
    socket.once('error', (error) => {
      if (isNameUnknown(error)) refused(unknownName(options.host, options.port))
    })
    return socket
  }
}
