// One schedule of a query with stateful operators other than one aggregation: what the sinks have at last is what the reference says.

import { eventTimeMs } from '../../../lib/aggregate/time.ts'
import type { Located } from '../../../lib/query/chain/stage-operator.ts'
import type { Plan } from '../../../lib/query/plan/plan.ts'
import { applyBatch } from '../../../lib/state/protocol/apply-batch.ts'
import type {
  Batch,
  LateRow,
  Output,
  PartitionRows,
  WatermarkSpec,
} from '../../../lib/state/protocol/operators/stateful-query.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { TextWriter } from '../../../lib/text-writer.ts'
import { drive, type ScheduleResult } from '../schedule/driver.ts'
import type { Mutant } from '../schedule/mutant.ts'
import { seeded } from '../schedule/random.ts'
import { delayMs, type Ranges, type Rec, randomTopic } from '../schedule/topic.ts'
import { Violation } from '../schedule/violation.ts'
import { asRefusal, versions } from '../versions/containers.ts'
import {
  type ChainName,
  type ChainQuery,
  chainPlans,
  chainQuery,
  inPairs,
  isOneOperator,
  withBlocks,
} from './chain-query.ts'
import { type LocatedTopic, referenced } from './reference.ts'

export interface ChainPlan {
  readonly seed: number
  readonly name: ChainName
  readonly policy: 'min' | 'max'
  readonly mutant?: ChainMutant
  /** A later version takes over what the query has kept, and containers of both run. */
  readonly later?: Plan
}

export interface ChainMutant extends Mutant {
  /** Another query than the reference's. */
  readonly query?: (query: ChainQuery) => ChainQuery
}

export async function runChainSchedule({ seed, name, policy, mutant = {}, later }: ChainPlan): Promise<ScheduleResult> {
  const random = seeded(seed)
  const topic = located(randomTopic(random), chainPlans[name].plan.others.length > 0)
  const spec: WatermarkSpec =
    policy === 'max' ? { policy, delayMs } : { policy, delayMs, partitions: [...topic.keys()] }
  const query = chainQuery(name, spec, isOneOperator(name) ? random.between(1, 3) : 1)
  const observer = referenced(memoryState({ pageItems: 2 }), topic, query)
  const own = chainQuery(name, spec, query.shards)
  const run = mutant.query?.(own) ?? (seed % 3 === 0 ? withBlocks(own, inPairs) : own)
  const next = later === undefined ? run : chainQuery(name, spec, query.shards, later)
  const isLater = versions(later === undefined ? 0 : random.between(1, 4), random)
  // A later version's rows have columns more.
  const names = new Set(chainPlans[name].plan.stages.at(-1)?.output.keys())
  const ownColumns = ({ row }: Located): object =>
    later === undefined ? row : Object.fromEntries(Object.entries(row).filter(([column]) => names.has(column)))
  const sunk = new Map<string, { readonly text: string; readonly version: number }>()
  const late = new Set<string>()
  let clash: Violation | null = null

  const groupText = (acc: unknown): string => {
    const out = new TextWriter()
    run.operator.write(acc as never, out)
    return out.finish()
  }
  const take = ({ rows }: Output): void => {
    for (const { id, acc, version } of rows) {
      const text = run.gives === 'rows' ? JSON.stringify(ownColumns(acc as Located)) : groupText(acc)
      const there = sunk.get(id)
      if (there !== undefined && there.version === version && there.text !== text) {
        clash ??= new Violation('I4', `${id} v${version} has two contents: {${there.text}}, {${text}}`)
      }
      if (there === undefined || there.version <= version) sunk.set(id, { text, version })
      if (there !== undefined && there.text !== text && query.gives === 'rows') {
        clash ??= new Violation('I2', `${id} came out as {${there.text}} and as {${text}}`)
      }
    }
  }
  return drive({
    seed,
    random,
    lengths: new Map(Array.from(topic, ([tp, rows]) => [tp, rows.length])),
    isSequential: false,
    // Everything due is out without one: the last commit that moves the watermark has the duty.
    isFlushed: { nowAndThen: false, atEnd: false },
    store: mutant.store?.(observer.store, seeded(seed + 1)) ?? observer.store,
    mutant,
    async run(container, ranges, gate, nowMs) {
      const version = isLater(container.warm) ? next : run
      const applied = await applyBatch(container, version, batchOf(topic, ranges), nowMs).catch(asRefusal)
      const output = await applied.output()
      // What rows are is taken down when they go out: the state may change them in place afterwards.
      await gate('sink', `late x${applied.late.length}`, async () => takeLate(applied.late))
      await gate('sink', `x${output.rows.length}`, async () => take(output))
      await applied.acknowledge()
    },
    violation: () => observer.violation() ?? clash,
    checkEnd() {
      for (const [id, text] of observer.rows) compareRow(id, text, sunk.get(id)?.text)
      for (const [id, { text, endMs }] of observer.groups) {
        const isOut = chainPlans[name].mode === 'update' || endMs <= observer.watermarkMs()
        if (isOut) compareRow(id, text, sunk.get(id)?.text)
      }
      for (const id of sunk.keys()) {
        if (!observer.rows.has(id) && !observer.groups.has(id)) throw new Violation('I2', `${id} came out of nothing`)
      }
      for (const id of observer.late) if (!late.has(id)) throw new Violation('I3', `${id} was late and not reported`)
      for (const id of late) if (!observer.late.has(id)) throw new Violation('I3', `${id} was reported late and is not`)
    },
    late: () => late.size,
  })

  function takeLate(rows: readonly LateRow<Located>[]): void {
    for (const { tp, at } of rows) late.add(`${tp}:${at.offset}`)
  }
}

function compareRow(id: string, wanted: string, found: string | undefined): void {
  if (found !== wanted) throw new Violation('I2', `${id} should have come out as {${wanted}}, the sink has {${found}}`)
}

/** Records as rows of a query; one without a time is a dead letter, and no row. */
function located(topic: ReadonlyMap<string, readonly Rec[]>, isJoined: boolean): LocatedTopic {
  return new Map(
    Array.from(topic, ([tp, records]) => [
      tp,
      records.map(({ partition, offset, key, eventTimeMs: at }): Located => {
        const row = { id: `${tp}:${offset}`, key, at: at === null ? 0 : Number(at) }
        const place = { topic: 't', partition, offset, timestamp: 1000 + offset, timestampType: 0 } as const
        return { row, at: place, ...(isJoined && partition % 2 === 1 ? { joinedAt: 0 } : {}) }
      }),
    ]),
  )
}

function batchOf(topic: LocatedTopic, ranges: Ranges): Batch<Located> {
  // In the order of the topic, which the reference takes partitions in.
  const partitions = [...topic].flatMap(([tp, all]): PartitionRows<Located>[] => {
    const range = ranges.get(tp)
    if (range === undefined) return []
    const rows = all.slice(...range)
    return [
      {
        tp,
        partition: Number(tp.split('-')[1]),
        records: rows.map(({ at }) => at),
        rows,
        at: rows.map(({ at }) => at),
        maxEventTimeMs: eventTimeMs(Math.max(...rows.map(({ row }) => Number(row.at)))),
        deadLetterOffsets: [],
      },
    ]
  })
  return { partitions }
}
