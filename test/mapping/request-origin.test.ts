import { expect, test } from 'vitest'
import { serveMetrics } from '../../mapping/report/metrics-endpoint.ts'
import { foreignRequest } from '../../mapping/request-origin.ts'
import { noRemoteHosts, parseAllowedHosts } from '../../mapping/safety.ts'

test.each([
  { host: '127.0.0.1:3002' },
  { host: 'localhost:3002', origin: 'http://localhost:3000' },
  { host: '[::1]:3002', origin: 'http://127.0.0.1:5173' },
  { host: 'app:3002' },
  { host: '192.168.1.7:3002' },
  { host: 'demo.localhost:3002', origin: 'http://demo.localhost' },
])('a request %j passes', (headers) => {
  expect(foreignRequest(headers, noRemoteHosts)).toBeUndefined()
})

test.each([
  { host: '127.0.0.1:3002', origin: 'https://evil.example' },
  { host: '127.0.0.1:3002', origin: 'null' },
  { host: '127.0.0.1:3002', origin: 'http://localhost.evil.example' },
  { host: 'evil.example:3002' },
  { host: '127.0.0.1.evil.example:3002' },
])('a request %j is refused', (headers) => {
  expect(foreignRequest(headers, noRemoteHosts)).toContain('--allow-remote HOST')
})

test('a host that was allowed by name passes, as a page and as the name of this machine', () => {
  const allowed = parseAllowedHosts('dev.example')
  expect(foreignRequest({ host: 'dev.example:3002', origin: 'https://dev.example' }, allowed)).toBeUndefined()
})

test('the counters are not shown to a foreign page', async () => {
  const endpoint = await serveMetrics(0, () => [], noRemoteHosts)
  const get = (headers: Record<string, string>) => fetch(endpoint.url, { headers }).then(({ status }) => status)
  expect(await get({})).toBe(200)
  expect(await get({ origin: 'https://evil.example' })).toBe(403)
  await endpoint.close()
})
