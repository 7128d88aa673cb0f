// `union` as a function from plan to plan, and its checks: rows of several sources that go the same way from there on. It keeps no
// state. Columns are found by their names, as Spark's unionByName finds them.

import type { Column } from '../../../decode/schema.ts'
import { refuse } from '../../../error.ts'
import type { Plan } from '../plan.ts'
import { takenUp, watermarksOf } from '../sources.ts'
import { isStateful } from '../stages/staged.ts'

export function union(plan: Plan, other: Plan): Plan {
  for (const side of [plan, other]) {
    if (!isStateful(side) && side.after.length === 0) continue
    refuse(`${plan.name}: union takes rows as they come from their sources. Aggregate, join, sort or limit after it.`)
  }
  const columns = unitedColumns(plan, other)
  const eventTime = unitedEventTime(plan, other)
  const taken = takenUp(plan, other, { what: 'a union', joinedAt: null }).map((source) => {
    const isInOrder = other.isOpen || [...other.columns.keys()].join() === [...columns.keys()].join()
    const select = { kind: 'select', columns: [...columns.keys()] } as const
    return isInOrder ? source : { ...source, operators: [...source.operators, select] }
  })
  return {
    ...plan,
    others: [...plan.others, ...taken],
    columns,
    eventTime,
    isOpen: plan.isOpen || other.isOpen,
  }
}

/** Nullable where either is. */
function unitedColumns(plan: Plan, other: Plan): Plan['columns'] {
  const names = ({ columns }: Plan): string => [...columns.keys()].map((name) => `\`${name}\``).join(', ')
  const lacking = [...plan.columns.keys()].filter((name) => !other.columns.has(name))
  const beyond = [...other.columns.keys()].filter((name) => !plan.columns.has(name))
  if ((lacking.length > 0 && !other.isOpen) || (beyond.length > 0 && !plan.isOpen)) {
    refuse(
      `${plan.name}: union needs the same columns on both sides: one has ${names(plan)}, the other ${names(other)}. ` +
        'Bring them in line by select, drop or withColumn.',
    )
  }
  return new Map(
    Array.from(plan.columns, ([name, column]): [string, Column<unknown>] => {
      const same = other.columns.get(name)
      if (same !== undefined && same.type.name !== column.type.name) {
        const types = `${column.type.sparkName} on one side and ${same.type.sparkName} on the other`
        refuse(`${plan.name}: union needs columns of one type, and \`${name}\` is ${types}.`)
      }
      return [name, same?.isNullable === true ? column.nullable() : column]
    }),
  )
}

/** Rows of a side without a watermark are measured by the other's, at the same column. */
function unitedEventTime(plan: Plan, other: Plan): string | null {
  if (watermarksOf(other).length === 0) return plan.eventTime
  if (watermarksOf(plan).length === 0) return other.eventTime
  if (plan.eventTime === other.eventTime) return plan.eventTime
  return refuse(
    `${plan.name}: the watermarks of the two sides of a union are on different columns: ${plan.eventTime ?? 'one that is gone'} ` +
      `and ${other.eventTime ?? 'one that is gone'}. Give them one name.`,
  )
}
