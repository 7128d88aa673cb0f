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

test.each(['null', '0', 'abc', ''])('lambdaPort %j is refused, saying what to write', (port) => {
  expect(() => offlineEndpoint('localhost', port)).toThrow(
    expect.objectContaining({
      code: 'SETTINGS_INVALID',
      message: expect.stringContaining('Give it a number, such as 3002'),
    }),
  )
})
