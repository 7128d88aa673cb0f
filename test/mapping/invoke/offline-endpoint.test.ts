import { expect, test } from 'vitest'
import { offlineEndpoint } from '../../../mapping/invoke/offline-endpoint.ts'

test.each([
  ['localhost', '3002', 'http://localhost:3002'],
  ['0.0.0.0', '3002', 'http://127.0.0.1:3002'],
  ['::', '3002', 'http://127.0.0.1:3002'],
  ['::1', '4002', 'http://[::1]:4002'],
])('serverless-offline at %s port %s is reached at %s', (host, port, url) => {
  expect(offlineEndpoint(host, port)).toBe(url)
})

test('a port that is none is refused with what was given', () => {
  expect(() => offlineEndpoint('localhost', 'abc')).toThrow(expect.objectContaining({ code: 'SETTINGS_INVALID' }))
})
