// Nothing local dials another machine unless the user named it. Brokers are the reason this stands below kafkajs: after the
// bootstrap a client dials the addresses that brokers advertise, so the check is made at the socket, for every one of them.

import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import { LocalError } from './error.ts'
import { printable } from './terminal.ts'

/** The names given by `--allow-remote HOST` or its variable, lower case. */
export type AllowedHosts = ReadonlySet<string>

export const noRemoteHosts: AllowedHosts = new Set()

/** `kafka, Db:8000` -> the set of host names `kafka`, `db`; ports are ignored. */
export const parseAllowedHosts = (list: string): AllowedHosts =>
  new Set(
    list
      .split(',')
      .map((entry) => hostOf(entry.trim()))
      .filter((host) => host !== ''),
  )

/** The host of `host`, `host:port`, `[::1]:port` or `::1`, lower case and without brackets. */
export function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(address)
  if (bracketed !== null) return (bracketed[1] ?? '').toLowerCase()
  const isBareIpv6 = address.split(':').length > 2
  return (isBareIpv6 ? address : address.replace(/:\d*$/, '')).toLowerCase()
}

/** localhost, 127.0.0.0/8 and ::1 (also as IPv4 in IPv6). Names are not resolved: only `localhost` counts. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  if (name === 'localhost' || name === '::1' || name === '0:0:0:0:0:0:0:1') return true
  const ipv4 = name.startsWith('::ffff:') ? name.slice('::ffff:'.length) : name
  return isIP(ipv4) === 4 && ipv4.startsWith('127.')
}

export const isAllowedHost = (host: string, allowed: AllowedHosts): boolean =>
  isLoopback(host) || allowed.has(host.toLowerCase())

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
  return ({ host, port, ssl, onConnect }) => {
    try {
      assertAllowedHost(host, `the broker's advertised address ${printable(host)}:${port}`, allowed)
    } catch (error) {
      if (error instanceof LocalError) refused(error)
      throw error
    }
    // kafkajs's default factory does the same: a server name only where the host is one, keep-alive after a minute.
    const socket: Socket = ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect)
    socket.setKeepAlive(true, 60_000)
    socket.once('error', (error) => {
      if (isNameUnknown(error)) refused(unknownName(host, port))
    })
    return socket
  }
}
