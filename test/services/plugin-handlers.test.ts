// What handlers do wrong, in a real `sls offline`: a failure is a failure, an answer an answer, and the others go on.

import { afterEach, expect, test, vi } from 'vitest'
import { onKafka } from './a-mapping.ts'
import { type Offline, startOffline } from './an-offline.ts'

const kafka = onKafka()
let offline: Offline | undefined
afterEach(async () => {
  await offline?.child.kill()
  offline = undefined
})

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 40_000, interval: 100 })

test('each failure is seen, nothing of it is committed, and nobody else ends by it', async () => {
  const { send, topic, commits } = kafka()
  const given = await topic()
  await send(given, [{ value: 'a' }])
  offline = await startOffline(['offline', '--config', 'failing.yml'], { FIXTURE_TOPIC: given })
  const { child, said } = offline
  const group = (key: string) => `failing-dev-${key}-${given}`
  const failures = {
    text: 'Error: a text',
    callback: 'Error: called back',
    forgot: 'Runtime.UnhandledPromiseRejection: Error: the forgotten await',
    latest:
      'Runtime.CallbackHandlerDeprecated: the handler has a callback parameter, and nodejs24.x calls no callbacks',
    python: 'ValueError: bad meter',
  }
  for (const [key, message] of Object.entries(failures)) {
    await until(() => expect(said()).toMatch(new RegExp(`${key} <- .*\\| the function failed: ${message}`)))
    expect(await commits(group(key), given)).toEqual({ 0: -1 })
  }
  for (const key of ['answer', 'returns'])
    await until(async () => expect(await commits(group(key), given)).toEqual({ 0: 1 }))
  expect(said()).toContain('returned 1')
  expect(said()).toMatch(/image <- .*: not started: it is a container image, which serverless-offline does not run/)
  expect(said()).toMatch(/rust <- .*: not started: serverless-offline does not run its runtime provided.al2023/)
  expect(said()).toContain(`nodejs22.x is run here by Node ${process.versions.node}`)
  expect(child.process.exitCode).toBeNull()
})

test('a page of another site may not invoke a function', async () => {
  const { topic } = kafka()
  offline = await startOffline(['offline', '--config', 'failing.yml'], { FIXTURE_TOPIC: await topic() })
  const { lambdaPort, said } = offline
  const url = `http://localhost:${lambdaPort}/2015-03-31/functions/failing-dev-answer/invocations`
  const invoke = (headers: Record<string, string>) => fetch(url, { method: 'POST', body: '{}', headers })
  await until(async () => expect((await invoke({})).status).toBe(200))
  expect(await (await invoke({})).text()).toBe('{"client":{}}')
  const refused = await invoke({ origin: 'https://evil.example', 'content-type': 'text/plain' })
  expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null])
  expect(said()).toContain('an invocation was refused: a page of https://evil.example may not call this machine')
})
