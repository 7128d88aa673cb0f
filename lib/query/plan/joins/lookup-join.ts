// `join` with a static side as a function from plan to plan, and its checks.

import type { Column } from '../../../decode/schema.ts'
import { refuse } from '../../../error.ts'
import { type LookupJoin, type LookupJoinType, lookupFunction, type PlanLookup } from '../../operators/lookup-join.ts'
import { rowGenerator } from '../generators.ts'
import type { Plan, RowGenerator } from '../plan.ts'
import { equalPairs, joinedNames, namesOfMerged } from './join-columns.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

export interface GivenLookupJoin {
  readonly on: readonly (string | readonly [string, string])[]
  readonly type?: string | undefined
  readonly prefix?: string | undefined
}

/** Rows joined with a static side. */
export function joinLookup(plan: Plan, lookup: PlanLookup, options: GivenLookupJoin): Plan {
  const { step, columns } = lookupStep(plan, lookup, options)
  return rowGenerator(plan, step, { columns })
}

/** The step, and the columns behind it. */
function lookupStep(
  plan: Plan,
  lookup: PlanLookup,
  { on, type: given = 'inner', prefix = '' }: GivenLookupJoin,
): { readonly step: RowGenerator; readonly columns: Columns } {
  const type = lookupJoinType(plan.name, given)
  const pairs = inKeyOrder(plan, lookup, equalPairs(plan, lookup.columns, on))
  const isLeftOnly = type === 'leftSemi' || type === 'leftAnti'
  const names = isLeftOnly ? new Map() : joinedNames(plan, lookup.columns, { merged: namesOfMerged(on), prefix })
  const added = Array.from(names, ([name, as]): readonly [string, Column<unknown>][] => {
    const column = lookup.columns.get(name)
    return column === undefined ? [] : [[as, type === 'left' ? column.nullable() : column]]
  })
  return {
    step: {
      kind: 'lookup',
      answers: lookup.answers,
      generate: lookupFunction({ lookup, type, pairs, names, input: plan.columns }),
    },
    columns: new Map([...plan.columns, ...added.flat()]),
  }
}

function inKeyOrder({ name }: Plan, { key }: PlanLookup, pairs: LookupJoin['pairs']): LookupJoin['pairs'] {
  if (key === null) return pairs
  const ordered = key.flatMap((column) => pairs.filter(([, right]) => right === column))
  if (ordered.length === key.length && ordered.length === pairs.length) return ordered
  const own = key.map((column) => `\`${column}\``).join(', ')
  return refuse(
    `${name}: join: a lookup finds rows by its key, ${own}: \`on\` names these columns of it and no others.`,
  )
}

/** Refusals are Spark's (UnsupportedOperationChecker). */
function lookupJoinType(name: string, type: string): LookupJoinType {
  switch (type) {
    case 'inner':
    case 'left':
    case 'leftSemi':
    case 'leftAnti':
      return type
    case 'right':
      return refuse(
        `${name}: RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported`,
      )
    case 'full':
      return refuse(
        `${name}: FullOuter joins with streaming DataFrames/Datasets on the left and a static DataFrame/Dataset on the right is not supported`,
      )
    default:
      return refuse(
        `${name}: join: the type is ${JSON.stringify(type)}; expected one of inner, left, leftSemi, leftAnti.`,
      )
  }
}
