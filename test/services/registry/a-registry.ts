// A schema registry of its own for a test file, as `microbatch start` runs it; it ends with the tests, and its schemas with it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { defaultLibsDir } from '../../../local/kafka/distribution.ts'
import { freePort } from '../../../local/process/port.ts'
import { type LocalRegistry, startRegistry } from '../../../local/registry/server.ts'

export interface OnRegistry {
  readonly url: string
  /** Elsewhere afterwards, over the same data. */
  readonly startAnew: () => Promise<void>
}

/** To be called once in a test file: it starts before the tests. The first time on a machine it is fetched, which takes its time. */
export function onRegistry(): () => OnRegistry {
  const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-registry-'))
  let registry: LocalRegistry
  const start = async () => {
    registry = await startRegistry({ port: await freePort(), dataDir, libsDir: defaultLibsDir, log: () => undefined })
  }
  beforeAll(start, 180_000)
  afterAll(async () => {
    await registry.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return () => ({
    url: registry.url,
    startAnew: async () => {
      await registry.stop()
      await start()
    },
  })
}
