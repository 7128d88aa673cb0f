import { afterEach, expect, test } from 'vitest'
import { freePort } from '../../../local/process/port.ts'
import { type Gateway, openGateway, registryPath } from '../../../local/registry/gateway.ts'
import { registryServer } from '../../registry/registry-server.ts'

let gateway: Gateway | undefined
afterEach(async () => {
  await gateway?.close()
  gateway = undefined
})

test.each([
  ['/schemas/ids/7', '/apis/ccompat/v7/schemas/ids/7'],
  ['/subjects?deleted=true', '/apis/ccompat/v7/subjects?deleted=true'],
  ['/apis/registry/v2/groups', '/apis/registry/v2/groups'],
])('%s is asked at %s', (path, expected) => {
  expect(registryPath(path)).toBe(expected)
})

test('a request goes through with its body and headers, and its answer comes back', async () => {
  await using server = await registryServer(() => ({ status: 201, body: { id: 7 } }))
  const port = await freePort()
  gateway = await openGateway(port, Number(new URL(server.url).port))
  const answer = await fetch(`http://127.0.0.1:${port}/subjects/t-value/versions`, {
    method: 'POST',
    body: '{"schema":"x"}',
  })
  expect([answer.status, await answer.json()]).toEqual([201, { id: 7 }])
  expect(server.asked).toMatchObject([{ path: '/apis/ccompat/v7/subjects/t-value/versions', body: '{"schema":"x"}' }])
})

test('while the registry is down, the answer says nothing of any schema', async () => {
  const port = await freePort()
  gateway = await openGateway(port, await freePort())
  expect((await fetch(`http://127.0.0.1:${port}/schemas/ids/7`)).status).toBe(503)
})
