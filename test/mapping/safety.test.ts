import { expect, test } from 'vitest'
import {
  assertAllowedHost,
  guardedSocketFactory,
  hostOf,
  isLoopback,
  isNameUnknown,
  noRemoteHosts,
  parseAllowedHosts,
} from '../../mapping/safety.ts'

test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.255.3.4', '::1', '[::1]', '::ffff:127.0.0.1'])(
  '%s is this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true)
  },
)

test.each([
  'kafka',
  '10.0.0.1',
  '128.0.0.1',
  '127.0.0.1.example.com',
  '127.1',
  'localhost.example.com',
  '0.0.0.0',
  '::',
  '::2',
  '::ffff:10.0.0.1',
  '',
])('%s is not this machine', (host) => {
  expect(isLoopback(host)).toBe(false)
})

test.each([
  ['b-1.example.com:9092', 'b-1.example.com'],
  ['Kafka', 'kafka'],
  ['[::1]:9092', '::1'],
  ['::1', '::1'],
  ['127.0.0.1:', '127.0.0.1'],
])('the host of %s is %s', (address, host) => {
  expect(hostOf(address)).toBe(host)
})

test('a refusal says what to do', () => {
  expect(() => assertAllowedHost('b-1.example.com', 'the broker', noRemoteHosts)).toThrow(
    expect.objectContaining({
      code: 'REMOTE_REFUSED',
      message: expect.stringContaining('--allow-remote b-1.example.com'),
    }),
  )
})

test('only the hosts that were named are allowed', () => {
  const allowed = parseAllowedHosts('kafka:29092, DB ,')
  expect([...allowed]).toEqual(['kafka', 'db'])
  expect(() => assertAllowedHost('Kafka', 'the broker', allowed)).not.toThrow()
  expect(() => assertAllowedHost('kafka.example.com', 'the broker', allowed)).toThrow()
})

test('an address that a broker advertises is refused before a socket is made', () => {
  const refused: string[] = []
  const factory = guardedSocketFactory(noRemoteHosts, ({ message }) => refused.push(message))
  const ssl = undefined as never
  expect(() => factory({ host: '192.0.2.1', port: 9092, ssl, onConnect: () => undefined })).toThrow(/not this machine/)
  expect(refused).toHaveLength(1)
  expect(refused[0]).toContain('192.0.2.1:9092')
})

test('a name without an address is said by itself, with what to do', () => {
  const said: string[] = []
  const factory = guardedSocketFactory(parseAllowedHosts('kafka'), ({ message }) => said.push(message))
  const socket = factory({ host: '127.0.0.1', port: 1, ssl: undefined as never, onConnect: () => undefined })
  socket.emit('error', Object.assign(new Error('getaddrinfo ENOTFOUND kafka'), { code: 'ENOTFOUND' }))
  socket.on('error', () => undefined)
  socket.destroy()
  expect(said).toEqual([expect.stringMatching(/^no address is found for 127\.0\.0\.1:1\. .*advertise localhost/)])
  expect(isNameUnknown(new Error('connect ECONNREFUSED 127.0.0.1:1'))).toBe(false)
})
