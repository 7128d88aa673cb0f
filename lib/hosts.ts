// The hosts that code on a laptop may dial: this machine, and those that were allowed by name (ALLOW_REMOTE). lib's clients and
// the mapping's ask here, so that there is one answer to whether an address is this machine. It resolves no names.

import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import { MicrobatchError } from './error.ts'

/** Names that are allowed beside this machine, lower case. */
export type AllowedHosts = ReadonlySet<string>

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
 * @param what names what is about to be dialled, for the message: `AWS_ENDPOINT_URL_DYNAMODB: http://…`
 * @throws MicrobatchError CONFIG_INVALID, before any connection, saying how to allow the host
 * @example stayHere('db.example.com', 'AWS_ENDPOINT_URL_DYNAMODB: http://db.example.com', new Set()) // throws
 */
export function stayHere(host: string, what: string, allowed: AllowedHosts): void {
  if (isAllowedHost(host, allowed)) return
  const problem = `${what} is not this machine, and what runs here stays here: not dialled.`
  throw new MicrobatchError('CONFIG_INVALID', `${problem} Name a loopback address, or allow it: ALLOW_REMOTE=${host}`)
}

/**
 * kafkajs's own socket factory with a check in front: after the bootstrap it dials what brokers advertise.
 * @param check throws for an address that is not dialled, which kafkajs takes for one more failed connection
 */
export const checkedSocketFactory =
  (check: (host: string, port: number) => void): ISocketFactory =>
  ({ host, port, ssl, onConnect }) => {
    check(host, port)
    // kafkajs's default factory does the same: a server name only where the host is one, keep-alive after a minute.
    const socket: Socket = ssl
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
      : connectTcp({ host, port }, onConnect)
    socket.setKeepAlive(true, 60_000)
    return socket
  }
