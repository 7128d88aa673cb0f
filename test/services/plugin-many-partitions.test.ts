// A backlog on many partitions, in a real `sls offline` with its real threads: each record once, and no more invocations at once than
// the function's reservedConcurrency, or than the machine bears.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import * as limits from '../../mapping/settings/limits.ts'
import { onKafka } from './a-mapping.ts'
import { type Offline, startOffline } from './an-offline.ts'

const partitions = 64
const perPartition = 150

const kafka = onKafka()
let offline: Offline | undefined
const folder = mkdtempSync(join(tmpdir(), 'microbatch-many-'))
afterEach(async () => {
  await offline?.child.kill()
  rmSync(folder, { recursive: true, force: true })
})

interface Invocation {
  readonly beganAtMs: number
  readonly endedAtMs: number
  readonly records: number
}

const invocationsOf = (key: string): readonly Invocation[] =>
  readFileSync(join(folder, key), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

/** The most that were under way at one moment. */
function mostAtOnce(invocations: readonly Invocation[]): number {
  return Math.max(
    ...invocations.map(
      ({ beganAtMs }) =>
        invocations.filter((other) => other.beganAtMs <= beganAtMs && other.endedAtMs > beganAtMs).length,
    ),
  )
}

test('a backlog on 64 partitions is handled once, by no more invocations at once than there may be', async () => {
  const { send, topic, commits } = kafka()
  const given = await topic(partitions)
  const records = Array.from({ length: partitions * perPartition }, (_, i) => ({
    partition: i % partitions,
    value: `record ${i}`,
  }))
  await send(given, records)
  offline = await startOffline(['offline', '--config', 'many.yml'], { FIXTURE_TOPIC: given, SEEN_FOLDER: folder })
  for (const key of ['few', 'unreserved']) {
    await vi.waitFor(
      async () => {
        const offsets = Object.values(await commits(`many-dev-${key}-${given}`, given))
        expect(offsets.filter((offset) => offset === perPartition)).toHaveLength(partitions)
      },
      { timeout: 50_000, interval: 200 },
    )
  }
  const [few, unreserved] = [invocationsOf('few'), invocationsOf('unreserved')]
  const handled = (invocations: readonly Invocation[]) => invocations.reduce((sum, { records }) => sum + records, 0)
  expect([handled(few), handled(unreserved)]).toEqual([records.length, records.length])
  const { least, most, perProcessor } = limits.maxInvocations
  expect(mostAtOnce(few)).toBeLessThanOrEqual(2)
  expect(mostAtOnce([...few, ...unreserved])).toBeLessThanOrEqual(
    // Either of the two mappings may have one in any case.
    1 + Math.min(most, Math.max(least, perProcessor * availableParallelism())),
  )
}, 60_000)
