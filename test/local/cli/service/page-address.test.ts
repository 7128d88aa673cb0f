import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageAddress } from '../../../../local/cli/service/page-address.ts'
import { freePort } from '../../../../local/process/port.ts'

let localDir: string
beforeAll(() => {
  localDir = mkdtempSync(join(tmpdir(), 'page-address-'))
})
afterAll(() => rmSync(localDir, { recursive: true, force: true }))

test('the page of the next start has the same address, and its token is for its owner alone', async () => {
  const pagePort = await freePort()
  const first = await pageAddress({ localDir }, { pagePort })
  expect(first?.url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${pagePort}/\\?token=[\\w-]{32}$`))
  expect(await pageAddress({ localDir }, { pagePort })).toEqual(first)
  expect(statSync(join(localDir, 'page-token')).mode & 0o777).toBe(0o600)
})

test('where the port is taken it is another', async () => {
  const server = createServer()
  const pagePort = await freePort()
  await new Promise<void>((resolve) => server.listen(pagePort, '127.0.0.1', resolve))
  try {
    expect((await pageAddress({ localDir }, { pagePort }))?.port).not.toBe(pagePort)
  } finally {
    server.close()
  }
})

test('off is no page', async () => {
  expect(await pageAddress({ localDir }, { pagePort: 'off' })).toBeUndefined()
})
