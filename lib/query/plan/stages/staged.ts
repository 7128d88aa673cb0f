// Plans with stages: a stateful operator more, and an aggregation or a limit that others follow after all.

import { refuse } from '../../../error.ts'
import type { Plan } from '../plan.ts'
import { delayOf } from '../sources.ts'
import type { Stage, StageStep } from './stage.ts'

/** Operators that keep nothing of rows but what they have types for by themselves. */
const keepsNoRows: ReadonlySet<StageStep['kind']> = new Set(['sessionAggregate', 'transformWithState'])

/**
 * A plan with one more stage. An aggregation before it becomes a stage of its own.
 * @param columns that the stage gives, and which of them has the event time
 */
export function withStage(
  given: Plan,
  step: StageStep,
  { columns, eventTime }: Pick<Plan, 'columns' | 'eventTime'>,
): Plan {
  const plan = keepsNoRows.has(step.kind) ? given : withoutTable(given, step.kind)
  const stage: Stage = {
    step,
    input: plan.columns,
    eventTime: plan.eventTime,
    delayMs: delayOf(plan),
    output: columns,
    following: [],
  }
  return { ...plan, stages: [...plan.stages, stage], columns, eventTime, isOpen: false }
}

/**
 * The plan with its aggregation and its limits among the stages.
 * @param what comes after them
 * @throws MicrobatchError QUERY_INVALID after a sort, and for columns without a type
 */
export function withoutTable(plan: Plan, what: string): Plan {
  if (plan.isOpen) {
    refuse(
      `${plan.name}: ${what} keeps rows in state, so the type of each column must be known. Declare those that a function adds, ` +
        'or select the ones that are declared.',
    )
  }
  const untyped = [...plan.columns].find(([, { kind }]) => kind === 'inferred')
  if (untyped !== undefined) {
    refuse(
      `${plan.name}: \`${untyped[0]}\` has no type, and ${what} keeps rows in state. Give it one: ` +
        `withColumn('${untyped[0]}', fn, string()).`,
    )
  }
  const { aggregation, after } = plan
  const delayMs = delayOf(plan)
  const stages = [...plan.stages]
  if (aggregation !== null) {
    const { input, output, finalBy } = aggregation
    stages.push({ step: { kind: 'aggregate', aggregation }, input, eventTime: finalBy, delayMs, output, following: [] })
  }
  for (const operator of after) {
    const last = stages.at(-1)
    if (operator.kind === 'orderBy') refuse(sorted(plan, what))
    else if (operator.kind === 'limit') {
      const { count, columns, eventTime } = operator
      stages.push({
        step: { kind: 'limit', count },
        input: columns,
        eventTime,
        delayMs,
        output: columns,
        following: [],
      })
    } else if (last !== undefined) stages[stages.length - 1] = { ...last, following: [...last.following, operator] }
  }
  return { ...plan, stages, aggregation: null, after: [] }
}

/** Whether anything of a query is kept between batches. */
export const isStateful = ({ aggregation, stages }: Plan): boolean => aggregation !== null || stages.length > 0

/** The operators on rows that go out: behind the last stage, where no aggregation follows, and on the table. */
export function outgoing({ stages, aggregation, after }: Plan): Plan['after'] {
  const last = stages.at(-1)
  return aggregation === null && last !== undefined ? [...last.following, ...after] : after
}

/** Spark's words. */
const sorted = ({ name }: Plan, what: string): string =>
  'Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode: ' +
  `${name} has ${what} after orderBy. Sort what comes of it.`
