// A plan as the stream that goes on from it: each method is a function from plan to plan. The stream knows the types of columns, those
// functions know columns by name only.

import type { Column } from '../decode/schema.ts'
import { transformWithState } from './custom-state/transform-with-state.ts'
import type { Lookup } from './lookup/lookup.ts'
import { aggregate } from './plan/aggregate.ts'
import * as build from './plan/build.ts'
import type { WithColumn } from './plan/columns/row-types.ts'
import type { SortOrder } from './plan/columns/sort-order.ts'
import { explode, flatMap } from './plan/generators.ts'
import { type GivenJoin, join } from './plan/joins/join.ts'
import { joinLookup } from './plan/joins/lookup-join.ts'
import { union } from './plan/joins/union.ts'
import type { Plan } from './plan/plan.ts'
import { dropDuplicates, dropDuplicatesWithinWatermark } from './plan/stages/drop-duplicates.ts'
import { writeStream } from './plan/streaming-query.ts'
import { limit, orderBy } from './plan/table.ts'
import { withWatermark } from './plan/with-watermark.ts'
import { runBatch } from './run/batch-mode.ts'
import type { Stream } from './stream.ts'

export function streamOf<Row extends object, Source extends object, Key = unknown>(
  plan: Plan,
): Stream<Row, Source, Key> {
  return {
    plan,
    where: (predicate) => streamOf(build.where(plan, predicate)),
    select: (...columns) => streamOf(build.select(plan, columns)),
    withColumn: <Name extends string, Value>(name: Name, value: unknown, type?: Column<Value>) =>
      streamOf<WithColumn<Row, Name, Value>, Source, Key>(build.withColumn(plan, name, value, type)),
    flatMap: (rows, columns) => streamOf(flatMap(plan, rows, columns)),
    explode: exploding(plan, false),
    explodeOuter: exploding(plan, true),
    drop: (...columns) => streamOf(build.drop(plan, columns)),
    withWatermark: (column, delay) => streamOf(withWatermark(plan, column, delay)),
    dropDuplicates: (...columns) => streamOf(dropDuplicates(plan, columns)),
    dropDuplicatesWithinWatermark: (...columns) => streamOf(dropDuplicatesWithinWatermark(plan, columns)),
    join: (right: { readonly plan: Plan } | Lookup<object>, options: object) =>
      streamOf<never, never>(joined(plan, right, options as GivenJoin)),
    union: (other) => streamOf(union(plan, other.plan)),
    groupBy: (...keys) => ({
      agg: (aggregates) => streamOf(aggregate(plan, keys, aggregates)),
      count: () => streamOf(aggregate(plan, keys, { count: { kind: 'count', argument: null } })),
      transformWithState: (processor) => streamOf(transformWithState(plan, keys, processor)),
    }),
    orderBy: (...columns: readonly (string | SortOrder<string>)[]) => streamOf(orderBy(plan, columns)),
    limit: (count) => streamOf(limit(plan, count)),
    runBatch: (rows, { nowMs = Date.now(), sources = {} } = {}) =>
      runBatch<Row, Source>(plan, rows, { nowMs, sources }),
    writeStream: (options) => writeStream<Row, Source, Key>(plan, options),
  }
}

const joined = (plan: Plan, right: { readonly plan: Plan } | Lookup<object>, options: GivenJoin): Plan =>
  'plan' in right ? join(plan, right.plan, options) : joinLookup(plan, right, options)

/** What both forms of it come to: of a list, and of a map. */
const exploding =
  (plan: Plan, isOuter: boolean) =>
  (column: string, as?: string | readonly [string, string], type?: Column<unknown>): Stream<never, never> =>
    streamOf(explode(plan, column, { as, type, isOuter }))
