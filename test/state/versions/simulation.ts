// One schedule in which a later version of a query takes over what an earlier one has kept, while containers of the earlier one run
// on: a container has one version, and which one a batch meets is left to chance.

import { MicrobatchError } from '../../../lib/error.ts'
import { applyBatch } from '../../../lib/state/protocol/apply-batch.ts'
import type { StatefulQuery } from '../../../lib/state/protocol/operators/stateful-query.ts'
import { WarmShards } from '../../../lib/state/shards/warm-shards.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { drive, type ScheduleResult } from '../schedule/driver.ts'
import type { Mutant } from '../schedule/mutant.ts'
import { observedStore, type Routed } from '../schedule/observer.ts'
import { type Random, seeded } from '../schedule/random.ts'
import { properSinks, rememberingSinks, type SinkRow, type SinkTable } from '../schedule/sinks.ts'
import { batchOf, delayMs, type Rec, randomTopic, windowMs } from '../schedule/topic.ts'
import { checkVersions } from './invariants.ts'
import { allIds, type ChangeName, changes, versionOf } from './version-query.ts'

export interface VersionsPlan {
  readonly seed: number
  readonly name: ChangeName
  readonly policy: 'min' | 'max'
  readonly mutant?: Mutant
}

export interface VersionsResult extends ScheduleResult {
  /** Batches that the earlier version began after the later one had taken over. */
  readonly refused: number
  readonly takeovers: number
}

type Query = StatefulQuery<Rec, string[]>

export async function runVersions({ seed, name, policy, mutant = {} }: VersionsPlan): Promise<VersionsResult> {
  const random = seeded(seed)
  const topic = randomTopic(random)
  const change = changes[name]
  const shape = shapeOf(name, random)
  const query = (isLater: boolean): Query => ({
    ...versionOf(change, isLater, shape),
    name: 'schedule',
    watermark: policy === 'max' ? { policy, delayMs } : { policy, delayMs, partitions: [...topic.keys()] },
    windows: { everyMs: shape.windows === 'sliding' ? windowMs / 2 : windowMs, phaseMs: 0 },
    shards: shape.shards,
    routing: shape.routing,
    chain: null,
    gives: 'groups',
  })
  const observer = observedStore(memoryState({ pageItems: 2 }), topic, shape)
  const sinks = rememberingSinks(properSinks)
  const isLater = new Map<WarmShards, boolean>()
  const deployedAt = random.between(0, 4)
  const share = random.pick([0.3, 0.7, 1])
  const delivered = new Map<string, SinkRow>()
  let [runs, refused] = [0, 0]

  /** A sink that goes by versions, whatever mode the rows come in. */
  const deliver = (row: SinkRow): void => {
    const there = delivered.get(row.id)
    if (there === undefined || there.version <= row.version) delivered.set(row.id, row)
  }

  /** A container has the version that was the newest when it started, or the one before. */
  const versionIn = (warm: WarmShards): boolean => {
    const known = isLater.get(warm) ?? (runs > deployedAt && random.chance(share))
    isLater.set(warm, known)
    return known
  }
  const result = await drive({
    seed,
    random,
    lengths: new Map(Array.from(topic, ([tp, records]) => [tp, records.length])),
    isSequential: false,
    isFlushed: { nowAndThen: false, atEnd: true },
    store: observer.store,
    mutant,
    async run(given, ranges, gate, nowMs) {
      runs += 1
      // The deployment is over at the end.
      const container = ranges.size === 0 ? { ...given, warm: new WarmShards() } : given
      const version = query(ranges.size === 0 || versionIn(container.warm))
      const mode = version.outputMode
      try {
        const applied = await applyBatch(container, version, batchOf(topic, ranges), nowMs)
        if (applied.late.length > 0) await gate('sink', 'late', () => sinks.late(applied.late))
        const { batchId, rows } = await applied.output()
        const table: SinkTable = {
          batchId,
          rows: rows.map(({ id, acc, version }) => ({ id, acc: allIds(acc).join(' '), version })),
        }
        await gate('sink', `${mode} x${rows.length}`, async () => {
          for (const row of table.rows) deliver(row)
          await sinks.rows(mode, table)
        })
        await applied.acknowledge()
      } catch (error) {
        // The driver takes a refusal for damage; that of a version which is over is none.
        if (!(error instanceof MicrobatchError) || !error.message.includes("is another query's")) throw error
        refused += 1
        throw new Error('refused: another version has taken over')
      }
    },
    violation: observer.violation,
    checkEnd: () => checkVersions({ topic, shape, policy, observer, sinks }, delivered, change),
    late: () => sinks.latePairs.size,
  })
  return { ...result, refused, takeovers: observer.progress()?.evolution ?? 0 }
}

function shapeOf(name: ChangeName, random: Random): Routed {
  const [earlier, later] = changes[name].modes
  const routing = random.chance(0.25) ? 'partition' : 'hash'
  return {
    mode: later,
    hasModes: earlier !== later,
    windows: random.pick(['tumbling', 'sliding']),
    shards: random.between(1, 3),
    routing,
    isKeyedByPartition: routing === 'partition',
  }
}
