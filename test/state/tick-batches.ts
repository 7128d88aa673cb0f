// Builders for the protocol's own tests: rows given by their event times, windows of 10, delay 5, and sinks and stores that
// remember what they were asked.
import { eventTimeMs, wallTimeMs } from '../../lib/aggregate/time.ts'
import { applyBatch } from '../../lib/state/protocol/apply-batch.ts'
import type { BatchOutcome } from '../../lib/state/protocol/batch-outcome.ts'
import { type StateContainer, stateContainer } from '../../lib/state/protocol/container.ts'
import type { Batch, LateRow, OutputRow, StatefulQuery } from '../../lib/state/protocol/operators/stateful-query.ts'
import type { StateStore } from '../../lib/state/store.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { batchOf, delayMs, idsOperator, type Rec, type Shape, windowMs } from './schedule/topic.ts'

export type TickQuery = StatefulQuery<Rec, string[]>

export const tumbling: Shape = { windows: 'tumbling', isKeyedByPartition: false }
export const sliding: Shape = { windows: 'sliding', isKeyedByPartition: false }

export function aQuery(given: Partial<TickQuery> = {}): TickQuery {
  return {
    name: 'ticks',
    fingerprint: { grouping: 'window(timestamp, 10)' },
    outputMode: 'append',
    watermark: { policy: 'max', delayMs },
    windows: { everyMs: windowMs, phaseMs: 0 },
    shards: 2,
    routing: 'hash',
    operator: idsOperator(tumbling),
    chain: null,
    gives: 'groups',
    ...given,
  }
}

/** `{ 't-0': { from: 3, times: [12, 14] } }`: offsets 3 and 4; a null time is a dead letter, `key` defaults to `a`. */
export function aBatch(
  parts: Readonly<
    Record<string, { readonly from: number; readonly times: readonly (number | null)[]; readonly key?: string }>
  >,
): Batch<Rec> {
  const topic = new Map(
    Object.entries(parts).map(([tp, { from, times, key = 'a' }]) => {
      const records: Rec[] = []
      const partition = Number(tp.split('-')[1])
      times.forEach((time, index) => {
        const offset = from + index
        records[offset] = { tp, partition, offset, key, eventTimeMs: time === null ? null : eventTimeMs(time) }
      })
      return [tp, records]
    }),
  )
  const ranges = new Map(
    Object.entries(parts).map(([tp, { from, times }]) => [tp, [from, from + times.length] as const]),
  )
  return batchOf(topic, ranges)
}

export interface EmittedTable {
  readonly batchId: number
  readonly rows: readonly (Omit<OutputRow, 'acc'> & { readonly acc: string })[]
}

export interface Driver {
  readonly container: StateContainer
  readonly outputs: EmittedTable[]
  readonly late: LateRow<Rec>[]
  /** Called with each output before it is acknowledged. */
  onOutput: () => Promise<void>
  run(batch: Batch<Rec>, nowMs?: number): Promise<BatchOutcome>
}

/** One query, one container, sinks that remember. */
export function aDriver(query: TickQuery = aQuery(), container: StateContainer = aContainer()): Driver {
  const outputs: EmittedTable[] = []
  const late: LateRow<Rec>[] = []
  const driver: Driver = {
    container,
    outputs,
    late,
    onOutput: async () => {},
    async run(batch, nowMs = 1000) {
      const applied = await applyBatch(container, query, batch, wallTimeMs(nowMs))
      late.push(...applied.late)
      const { batchId, rows } = await applied.output()
      const table = { batchId, rows: rows.map(({ acc, ...row }) => ({ ...row, acc: acc.join(' ') })) }
      await driver.onOutput()
      outputs.push(table)
      return applied.acknowledge()
    },
  }
  return driver
}

/** `windowEnd {rows}` of the last output. */
export const shown = ({ outputs }: Driver): readonly string[] =>
  (outputs.at(-1)?.rows ?? []).map(({ windowEndMs, acc }) => `${windowEndMs} {${acc}}`)

export const aContainer = (
  store: StateStore = memoryState(),
  options: Parameters<typeof stateContainer>[1] = {},
): StateContainer => stateContainer(store, { sleep: async () => {}, ...options })
