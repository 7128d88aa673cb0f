// One schedule in which a later version of a query takes over what an earlier one has kept, while containers of the earlier one run
// on: a container has one version, and which one a batch meets is left to chance.

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
import { asRefusal, versions } from './containers.ts'
import { checkVersions } from './invariants.ts'
import { allIds, type ChangeName, changes, versionOf } from './version-query.ts'

export interface VersionsPlan {
  readonly seed: number
  readonly name: ChangeName
  readonly policy: 'min' | 'max'
  readonly mutant?: Mutant
}

export interface VersionsResult extends ScheduleResult {
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
  const isLater = versions(random.between(1, 4), random)
  const delivered = new Map<string, SinkRow>()

  /** A sink that goes by versions, whatever mode the rows come in. */
  const deliver = (row: SinkRow): void => {
    const there = delivered.get(row.id)
    if (there === undefined || there.version <= row.version) delivered.set(row.id, row)
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
      // The deployment is over at the end.
      const container = ranges.size === 0 ? { ...given, warm: new WarmShards() } : given
      const version = query(ranges.size === 0 || isLater(container.warm))
      const mode = version.outputMode
      const applied = await applyBatch(container, version, batchOf(topic, ranges), nowMs).catch(asRefusal)
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
    },
    violation: observer.violation,
    checkEnd: () => checkVersions({ topic, shape, policy, observer, sinks }, delivered, change),
    late: () => sinks.latePairs.size,
  })
  return { ...result, takeovers: observer.progress()?.evolution ?? 0 }
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
