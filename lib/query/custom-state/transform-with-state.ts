// `groupBy(…).transformWithState(…)` as a function from plan to plan, and its checks, in Spark's words where Spark has some.

import { refuse } from '../../error.ts'
import { type Plan, requireColumns } from '../plan/plan.ts'
import { withoutTable, withStage } from '../plan/stages/staged.ts'
import type { AnyProcessor, TimeMode } from './stateful-processor.ts'
import type { TransformWithStateStep } from './transform-with-state-step.ts'

export function transformWithState(before: Plan, grouping: readonly unknown[], given: unknown): Plan {
  const processor = given as AnyProcessor
  const isFirst = before.aggregation === null && before.after.length === 0
  const plan = isFirst ? before : withoutTable(before, 'transformWithState')
  const keys = grouping.map((key) => {
    if (typeof key === 'string') return key
    return refuse(
      `${plan.name}: transformWithState groups by columns, and not by windows: a processor keeps its own times.`,
    )
  })
  requireColumns({ ...plan, isOpen: false }, keys)
  const untyped = keys.find((key) => plan.columns.get(key)?.kind === 'inferred')
  if (untyped !== undefined) {
    const remedy = `Give it one: withColumn('${untyped}', fn, string()).`
    refuse(`${plan.name}: \`${untyped}\` has no type, and a grouping column is kept in state. ${remedy}`)
  }
  const { timeMode = 'none', version = 1, output, eventTimeColumn } = processor
  const variables = Object.entries(processor.state ?? {})
  checkTime(plan, timeMode, variables, processor)
  if (typeof processor.handleInput !== 'function')
    refuse(`${plan.name}: transformWithState needs the function handleInput.`)
  if (!Number.isSafeInteger(version) || version < 1) {
    refuse(`${plan.name}: transformWithState: version is ${version}; give an integer from 1 up.`)
  }
  if (output?.columns === undefined) {
    refuse(`${plan.name}: transformWithState needs the columns of the rows that it gives: output: struct({ … }).`)
  }
  if (eventTimeColumn !== undefined && output.columns.get(eventTimeColumn)?.kind !== 'timestamp') {
    refuse(`${plan.name}: eventTimeColumn \`${eventTimeColumn}\` is no timestamp() of output.`)
  }
  const step: TransformWithStateStep = {
    kind: 'transformWithState',
    keys,
    variables,
    timeMode,
    version,
    eventTimeColumn: eventTimeColumn ?? null,
    handleInput: processor.handleInput.bind(processor) as unknown as TransformWithStateStep['handleInput'],
    handleExpiredTimer: (processor.handleExpiredTimer?.bind(processor) ??
      null) as unknown as TransformWithStateStep['handleExpiredTimer'],
  }
  return withStage(plan, step, { columns: output.columns, eventTime: eventTimeColumn ?? null })
}

function checkTime(
  plan: Plan,
  timeMode: TimeMode,
  variables: TransformWithStateStep['variables'],
  { handleExpiredTimer }: AnyProcessor,
): void {
  if (!['none', 'processingTime', 'eventTime'].includes(timeMode)) {
    refuse(`${plan.name}: timeMode is ${JSON.stringify(timeMode)}; expected one of none, processingTime, eventTime.`)
  }
  if (timeMode === 'eventTime' && plan.eventTime === null) {
    refuse(
      `${plan.name}: Watermark needs to be defined for this query with timeMode eventTime. withWatermark comes before groupBy.`,
    )
  }
  if (timeMode === 'none' && handleExpiredTimer !== undefined) {
    refuse(
      `${plan.name}: handleExpiredTimer is never called with timeMode none. Give timeMode eventTime or processingTime.`,
    )
  }
  const timed = variables.find(([, { ttlMs }]) => ttlMs !== null)
  if (timed !== undefined && timeMode !== 'processingTime') {
    refuse(`${plan.name}: Cannot provide TTL config for state=${timed[0]} and timeMode=${timeMode}.`)
  }
}
