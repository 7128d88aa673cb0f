// The columns of a query that goes on with groups of a version before it: an aggregate that was added may have seen no row of a group,
// and then most have no value. What sinks are told of the columns says so.

import { compileAggregates } from '../../../aggregate/aggregation.ts'
import type { AggregationStep } from '../operator.ts'
import type { Plan } from '../plan.ts'

/** Those of aggregates that are null over no rows, nullable. */
export function grownColumns({ aggregation, stages, columns }: Plan): Plan['columns'] {
  const step = aggregation ?? aggregationOf(stages)
  if (step === null) return columns
  const isGrown = (name: string): boolean => columns.get(name) === step.output.get(name) && isNullOfNothing(step, name)
  return new Map(Array.from(columns, ([name, column]) => [name, isGrown(name) ? column.nullable() : column]))
}

const aggregationOf = (stages: Plan['stages']): AggregationStep | null => {
  const step = stages.at(-1)?.step
  return step?.kind === 'sessionAggregate' || step?.kind === 'aggregate' ? step.aggregation : null
}

/** What an aggregate of the query's own gives is held to its column anyway. */
function isNullOfNothing({ aggregates, input, hasTopics }: AggregationStep, name: string): boolean {
  const aggregate = aggregates[name]
  if (aggregate === undefined || aggregate.kind === 'custom') return false
  const one = compileAggregates({ [name]: aggregate }, input, hasTopics)
  return one.results(one.init())[name] === null
}
