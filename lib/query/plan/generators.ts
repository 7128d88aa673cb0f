// The plan with an operator that makes any number of rows of one: flatMap, and explode of a list or a map.

import { type Column, elementColumn, inferredColumn, string } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import { requireFunction } from './given.ts'
import { type Plan, type PlanRow, type RowGenerator, requireColumns } from './plan.ts'
import { columnOf, keptTime } from './row-operator.ts'
import { withRowOperator } from './sources.ts'
import { isStateful } from './stages/staged.ts'

/** Rows of an aggregation are told apart by their groups: there is one of each. */
export function rowGenerator(plan: Plan, operator: RowGenerator, change: Partial<Plan>): Plan {
  if (isStateful(plan) || plan.after.length > 0) {
    const where = 'after an aggregation or another stateful operator, or on sorted or limited rows,'
    refuse(`${plan.name}: ${operator.kind} ${where} is not supported here.`)
  }
  return { ...withRowOperator(plan, operator), eventTime: keptTime(plan.eventTime, operator), ...change }
}

export function flatMap(plan: Plan, run: unknown, given: unknown = {}): Plan {
  requireFunction(plan, 'flatMap', run)
  const added = given as Readonly<Record<string, Column<unknown>>>
  // What the function makes of a column may be null, or left out.
  const kept = Array.from(plan.columns, ([name, column]) => [name, column.nullable()] as const)
  const columns = new Map<string, Column<unknown>>([...kept, ...Object.entries(added)])
  const declared = new Set(Object.keys(added))
  const step: RowGenerator = { kind: 'flatMap', run: run as (row: PlanRow) => unknown, columns, declared }
  return rowGenerator(plan, step, { columns, isOpen: true })
}

/** @param type of the elements; left out, it is that of the list's or the map's type, or inferred */
export function explode(plan: Plan, column: string, { as, type, isOuter }: ExplodeOptions): Plan {
  requireColumns(plan, [column])
  const { kind } = columnOf(plan, column)
  const isMap = kind === 'map' || (kind === 'inferred' && typeof as === 'object')
  if (isMap) return explodeMap(plan, column, { as: as ?? ['key', 'value'], type, isOuter })
  if (typeof as === 'object')
    refuse(`${plan.name}: explode of \`${column}\`: it is no map, so there is one column of its elements: name one.`)
  return explodeList(plan, column, { as: as ?? column, type, isOuter })
}

interface ExplodeOptions<As = string | readonly [string, string]> {
  readonly as: As | undefined
  readonly type: Column<unknown> | undefined
  readonly isOuter: boolean
}

/** Spark's names of the two columns are key and value. */
function explodeMap(plan: Plan, column: string, { as, type, isOuter }: ExplodeOptions): Plan {
  if (typeof as !== 'object')
    refuse(`${plan.name}: explode of \`${column}\`: a map makes two columns: name both, ['key', 'value'].`)
  const given = type ?? columnOf(plan, column).type.element ?? inferredColumn()
  const element = isOuter ? given.nullable() : given
  const step: RowGenerator = { kind: 'explodeMap', column, as, element, isOuter }
  const key = isOuter ? string().nullable() : string()
  return rowGenerator(plan, step, {
    columns: new Map([...plan.columns, [as[0], key] as const, [as[1], element] as const]),
  })
}

function explodeList(
  plan: Plan,
  column: string,
  { as, type, isOuter }: ExplodeOptions<string> & { readonly as: string },
): Plan {
  const element = type ?? elementColumn(columnOf(plan, column)) ?? inferredColumn()
  const step: RowGenerator = { kind: 'explode', column, as, element: isOuter ? element.nullable() : element, isOuter }
  return rowGenerator(plan, step, { columns: new Map([...plan.columns, [as, step.element] as const]) })
}
