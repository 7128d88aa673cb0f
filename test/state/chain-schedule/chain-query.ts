// The queries whose stateful operators are run under schedules: each is built as its users build it, and taken apart to what the state
// protocol runs. Numbers are small, so that a trace can be read: windows of 10 ms, a delay of 5 ms.

import {
  count,
  listState,
  max,
  min,
  sessionWindow,
  stream,
  string,
  struct,
  timestamp,
  valueState,
  window,
} from '../../../lib/index.ts'
import { compileKept } from '../../../lib/query/aggregation/kept-operators.ts'
import type { Located } from '../../../lib/query/chain/stage-operator.ts'
import type { Plan } from '../../../lib/query/plan/plan.ts'
import type { GivenRows, RowBlocks } from '../../../lib/state/protocol/operators/row-block.ts'
import type { StatefulQuery, WatermarkSpec } from '../../../lib/state/protocol/operators/stateful-query.ts'

const Event = struct({ id: string(), key: string(), at: timestamp() })
const events = stream('schedule').rows(Event).withWatermark('at', '5 milliseconds')

/** Odd partitions of a schedule are those of the right side. */
const others = stream('others').rows(Event).withWatermark('at', '5 milliseconds')

/** What a later version keeps beside the state of `counted`. */
const last = { last: valueState(timestamp()) }

/** Counts the rows of a key until nothing comes for 7 ms of event time. @param more variables that a later version has */
const countedWith = (more: object) =>
  events.groupBy('key').transformWithState({
    state: { ids: listState(string()), until: valueState(timestamp()), ...more },
    output: struct({ key: string(), ids: string(), at: timestamp() }),
    timeMode: 'eventTime',
    eventTimeColumn: 'at',
    *handleInput(
      { key },
      { id, at },
      { state: { ids, until, ...rest }, registerTimer, deleteTimer, currentWatermarkMs },
    ) {
      const more: { readonly last?: { update(value: number): void } } = rest
      ids.appendValue(id)
      more.last?.update(at)
      const before = until.get()
      if (before !== null) deleteTimer(before)
      const next = Math.max(before ?? 0, at + 7)
      until.update(next)
      registerTimer(next)
      if (ids.get().length % 3 === 0) yield { key, ids: `${ids.get()} ${currentWatermarkMs}`, at: next }
    },
    *handleExpiredTimer({ key }, { expiryTimeMs }, { state: { ids, until }, registerTimer }) {
      yield { key, ids: `all of ${ids.get()}`, at: expiryTimeMs }
      if (ids.get().length > 1) registerTimer(expiryTimeMs + 2)
      ids.put(ids.get().slice(-1))
      until.clear()
    },
  })
const counted = countedWith({})

/** What a later version reads, with a column that no row has a value in. */
const Grown = struct({ id: string(), key: string(), at: timestamp(), more: string().nullable() })

function joinedWith(left: typeof events, right: typeof others) {
  return left.join(right, {
    on: [['key', 'key']],
    prefix: 'other_',
    type: 'full',
    within: { before: '4 milliseconds', after: '8 milliseconds' },
  })
}

/** By the name of the operator; the mode is that of the sinks. */
export const chainPlans = {
  dropDuplicates: { plan: events.dropDuplicates('key', 'at').plan, mode: 'append' },
  dropDuplicatesWithinWatermark: { plan: events.dropDuplicatesWithinWatermark('key').plan, mode: 'append' },
  'dropDuplicates of all time': { plan: events.dropDuplicates('key').plan, mode: 'update' },
  'windows, then dropDuplicates': {
    plan: events
      .groupBy(window('at', '10 milliseconds'), 'key')
      .agg({ rows: count(), last: max('at') })
      .dropDuplicates('rows').plan,
    mode: 'append',
  },
  'dropDuplicates, then windows': {
    plan: events.dropDuplicates('key', 'at').groupBy(window('at', '10 milliseconds'), 'key').count().plan,
    mode: 'append',
  },
  'dropDuplicates, then groups in update mode': {
    plan: events.dropDuplicates('key', 'at').groupBy(window('at', '10 milliseconds'), 'key').count().plan,
    mode: 'update',
  },
  'a full outer join': {
    plan: joinedWith(events, others).plan,
    mode: 'append',
  },
  'a left outer join, then windows': {
    plan: events
      .join(others, { on: [['key', 'key']], prefix: 'other_', type: 'left', within: { after: '8 milliseconds' } })
      .groupBy(window('at', '10 milliseconds'), 'key')
      .count().plan,
    mode: 'append',
  },
  sessions: {
    plan: events.groupBy(sessionWindow('at', '4 milliseconds'), 'key').agg({ rows: count(), last: max('at') }).plan,
    mode: 'append',
  },
  'sessions, then dropDuplicates': {
    plan: events.groupBy(sessionWindow('at', '4 milliseconds'), 'key').count().dropDuplicates('count').plan,
    mode: 'append',
  },
  'custom state with timers': { plan: counted.plan, mode: 'update' },
  'custom state, then windows': {
    plan: counted.groupBy(window('at', '10 milliseconds'), 'key').count().plan,
    mode: 'append',
  },
} as const satisfies Readonly<Record<string, { readonly plan: Plan; readonly mode: 'append' | 'update' }>>

export type ChainName = keyof typeof chainPlans

/** Later versions of some of them, which keep something more, and have it last: so it is last in what is kept, whoever began. */
export const laterPlans = {
  'windows, then dropDuplicates': events
    .groupBy(window('at', '10 milliseconds'), 'key')
    .agg({ rows: count(), last: max('at'), first: min('at') })
    .dropDuplicates('rows').plan,
  sessions: events
    .groupBy(sessionWindow('at', '4 milliseconds'), 'key')
    .agg({ rows: count(), last: max('at'), first: min('at') }).plan,
  'custom state with timers': countedWith(last).plan,
  'a full outer join': joinedWith(
    stream('schedule').rows(Grown).withWatermark('at', '5 milliseconds'),
    stream('others').rows(Grown).withWatermark('at', '5 milliseconds'),
  ).plan,
} as const satisfies Readonly<Partial<Record<ChainName, Plan>>>

export type FollowedName = keyof typeof laterPlans

export type ChainQuery = StatefulQuery<Located>

/**
 * @param shards more than one only where there is one operator
 * @param later a plan in the place of the query's own
 */
export function chainQuery(name: ChainName, watermark: WatermarkSpec, shards: number, later?: Plan): ChainQuery {
  const { plan, mode } = chainPlans[name]
  const kept = compileKept(later ?? plan, 'append', later === undefined ? [] : ['add'])
  return {
    name: 'schedule',
    fingerprint: kept.fingerprint,
    parts: kept.parts,
    evolve: later === undefined ? [] : ['add'],
    outputMode: mode,
    watermark,
    windows: kept.grid,
    shards,
    routing: 'hash',
    operator: kept.operator,
    chain: kept.chain?.operators(null) ?? null,
    gives: kept.gives,
  } as ChainQuery
}

export const isOneOperator = (name: ChainName): boolean => {
  const { stages, aggregation } = chainPlans[name].plan
  return stages.length === 1 && aggregation === null
}

/** The query with other blocks of the rows that are owed. */
export function withBlocks(
  query: ChainQuery,
  cut: (given: GivenRows<Located>, whole: Cut) => ReturnType<Cut>,
): ChainQuery {
  if (query.chain === null) return query
  const { blocks } = query.chain
  return { ...query, chain: { ...query.chain, blocks: { ...blocks, cut: (given) => cut(given, blocks.cut) } } }
}

type Cut = RowBlocks<Located>['cut']

/** Blocks of two rows, so that a batch gives several. */
export const inPairs = ({ rows, ids, offsets }: GivenRows<Located>, whole: Cut): ReturnType<Cut> =>
  rows.flatMap((_, i) => {
    if (i % 2 === 1) return []
    const pair = [i, i + 2] as const
    return whole({ rows: rows.slice(...pair), ids: ids.slice(...pair), offsets: offsets?.slice(...pair) ?? null })
  })
