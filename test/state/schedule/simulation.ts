// One schedule of a query whose state is groups alone (driver.ts says what happens to its invocations).
import type { OutputMode } from '../../../lib/aggregate/output-mode.ts'
import { applyBatch } from '../../../lib/state/protocol/apply-batch.ts'
import type { StatefulQuery, WatermarkSpec } from '../../../lib/state/protocol/operators/stateful-query.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { drive, type ScheduleResult } from './driver.ts'
import { checkEnd } from './invariants.ts'
import type { Mutant, RunBatch } from './mutant.ts'
import { observedStore, type Routed } from './observer.ts'
import { type Random, seeded } from './random.ts'
import { properSinks, rememberingSinks, sinkTable } from './sinks.ts'
import { batchOf, delayMs, groupsOf, idsOperator, pairOf, type Rec, randomTopic, windowMs } from './topic.ts'

/** `idle`: policy min with an idle timeout, and flushes now and then: rows within their delay may be late there. */
export type Policy = 'min' | 'max' | 'idle'

export interface Plan {
  readonly seed: number
  readonly mode: OutputMode
  readonly policy: Policy
  readonly mutant?: Mutant
}

const runBatch: RunBatch = async (container, query, batch, sinks, nowMs) => {
  const applied = await applyBatch(container, query, batch, nowMs)
  if (applied.late.length > 0) await sinks.late(applied.late)
  await sinks.rows(query.outputMode, sinkTable(await applied.output()))
  await applied.acknowledge()
}

export async function runSchedule({ seed, mode, policy, mutant = {} }: Plan): Promise<ScheduleResult> {
  const random = seeded(seed)
  // One in seven goes on step by step without faults: there late is exactly what the watermark says.
  const isSequential = seed % 7 === 3 && policy !== 'idle' && !mutant.laterHalfFirst
  const topic = randomTopic(random)
  const shape = shapeOf(mode, random, isSequential, mutant)
  const query: StatefulQuery<Rec, string[]> = {
    name: 'schedule',
    fingerprint: { window: `${windowMs} ${shape.windows}` },
    outputMode: mode,
    watermark: watermarkOf(policy, [...topic.keys()], random),
    windows:
      shape.windows === 'none' ? null : { everyMs: shape.windows === 'sliding' ? windowMs / 2 : windowMs, phaseMs: 0 },
    shards: shape.shards,
    routing: shape.routing,
    operator: idsOperator(shape),
    chain: null,
    gives: 'groups',
  }
  const observer = observedStore(memoryState({ pageItems: 2 }), topic, shape)
  const store = mutant.store?.(observer.store, seeded(seed + 1)) ?? observer.store
  const sinks = rememberingSinks({ ...properSinks, ...mutant.sinks })
  const expectedLate = new Set<string>()
  return drive({
    seed,
    random,
    lengths: new Map(Array.from(topic, ([tp, records]) => [tp, records.length])),
    isSequential,
    isFlushed: { nowAndThen: policy === 'idle', atEnd: policy === 'idle' },
    store,
    mutant,
    onStart(ranges) {
      if (!isSequential || mode === 'complete') return
      const watermarkMs = observer.progress()?.watermarkMs ?? Number.NEGATIVE_INFINITY
      for (const [tp, [from, to]] of ranges) {
        for (const record of topic.get(tp)?.slice(from, to) ?? []) {
          for (const group of groupsOf(record, shape))
            if ((group.windowEndMs ?? Infinity) <= watermarkMs) expectedLate.add(pairOf(record, group))
        }
      }
    },
    run: (container, ranges, gate, nowMs) =>
      (mutant.run ?? runBatch)(
        container,
        query,
        batchOf(topic, ranges),
        {
          late: (rows) => gate('sink', `late x${rows.length}`, () => sinks.late(rows)),
          rows: (_mode, table) =>
            gate('sink', `${mode} n=${table.batchId} x${table.rows.length}`, () => sinks.rows(mode, table)),
        },
        nowMs,
      ),
    violation: observer.violation,
    checkEnd: () =>
      checkEnd({ topic, shape, mode, policy, observer, sinks, expectedLate: isSequential ? expectedLate : null }),
    late: () => sinks.latePairs.size,
  })
}

function shapeOf(mode: OutputMode, random: Random, isSequential: boolean, mutant: Mutant): Routed {
  const windows =
    mode === 'append' || isSequential ? (['tumbling', 'sliding'] as const) : (['tumbling', 'sliding', 'none'] as const)
  const routing = random.chance(0.25) ? 'partition' : 'hash'
  return {
    mode,
    windows: random.chance(0.4) ? 'tumbling' : random.pick(windows),
    shards: random.between(1, 3),
    routing,
    isKeyedByPartition: routing === 'partition' && mutant.isFalselyKeyed !== true,
  }
}

function watermarkOf(policy: Policy, partitions: readonly string[], random: Random): WatermarkSpec {
  switch (policy) {
    case 'max':
      return { policy, delayMs }
    case 'min':
      return { policy, delayMs, partitions }
    case 'idle':
      return { policy: 'min', delayMs, partitions, idleTimeoutMs: random.between(10, 60) }
  }
}
