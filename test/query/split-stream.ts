// A stream in any number of batches of any size, with crashes at the sink, redelivery with other boundaries and new containers.

import { fc } from '@fast-check/vitest'
import { expect } from 'vitest'
import type { Sink, Stream } from '../../lib/index.ts'
import { type TestRecord, testDriver } from '../../lib/testing/index.ts'

export interface Step {
  /** How many records of each partition come, at the most. */
  readonly take: readonly number[]
  /** The batch fails at its sink, and what is delivered next may be cut otherwise. */
  readonly crashes: boolean
  readonly restarts: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  take: fc.array(fc.nat({ max: 6 }), { minLength: 3, maxLength: 3 }),
  crashes: fc.boolean(),
  restarts: fc.boolean(),
})

export const splits = fc.array(step, { maxLength: 12 })

/**
 * Runs the records of a query's partitions to their end, whatever happens on the way; every row that comes out, once. A row that comes
 * again is the same.
 */
export async function runSplit<Source extends object>(
  plan: Stream<object, Source>,
  partitions: readonly (readonly object[])[],
  steps: readonly Step[],
  shards: number,
): Promise<readonly unknown[]> {
  let crashes = false
  const sink: Sink<object> = {
    description: 'crashing',
    write: async () => {
      if (crashes) throw new Error('crash')
    },
  }
  const query = plan.writeStream({ sinks: [sink], maxFuture: 'off' })
  const driver = testDriver(query, { partitions: partitions.length, shards })
  const acknowledged = partitions.map(() => 0)
  const emitted = new Map<string, unknown>()
  const deliver = async (take: readonly number[]): Promise<void> => {
    const ends = acknowledged.map((from, p) => Math.min(from + (take[p] ?? 0), partitions[p]?.length ?? 0))
    const records = partitions.flatMap((rows, p) => {
      const from = acknowledged[p] ?? 0
      return rows.slice(from, ends[p]).map((row, i): TestRecord => {
        return { partition: p, offset: from + i, value: JSON.stringify(row) }
      })
    })
    if (records.length === 0) return
    const outcome = await driver.addRecords(records).catch((error: Error) => error)
    if (outcome instanceof Error) return expect(outcome.message).toMatch(/: crash$/)
    expect(outcome.late).toEqual([])
    for (const { id, row } of outcome.emitted) {
      expect(emitted.get(id) ?? row).toEqual(row)
      emitted.set(id, row)
    }
    for (const [p, end] of ends.entries()) acknowledged[p] = end
  }
  for (const { take, crashes: crash, restarts } of steps) {
    crashes = crash
    await deliver(take)
    if (restarts) await driver.restart()
  }
  crashes = false
  await deliver(partitions.map(({ length }) => length))
  await deliver(partitions.map(({ length }) => length))
  return [...emitted.values()]
}
