// The columns of a join, whatever the other side is: which are equal, and what those of the right side are called behind it.

import type { Column } from '../../../decode/schema.ts'
import { refuse } from '../../../error.ts'
import type { Plan } from '../plan.ts'

type Columns = ReadonlyMap<string, Column<unknown>>
type On = readonly (string | readonly [string, string])[]

/**
 * The pairs of columns that must be equal.
 * @throws MicrobatchError QUERY_INVALID for none, for a column that is not there, and for two of different types
 */
export function equalPairs({ name, columns }: Plan, right: Columns, on: On): readonly (readonly [string, string])[] {
  const pairs = on.map((key) => (typeof key === 'string' ? ([key, key] as const) : key))
  if (pairs.length === 0) refuse(`${name}: join: \`on\` names no columns. Rows are found by columns that are equal.`)
  for (const [left, own] of pairs) {
    const types = [typeOf(name, 'left', columns, left), typeOf(name, 'right', right, own)] as const
    if (types[0].name === types[1].name) continue
    refuse(
      `${name}: join: \`${left}\` is ${types[0].sparkName} and \`${own}\` is ${types[1].sparkName}. Columns that are compared have one ` +
        'type: change one by withColumn.',
    )
  }
  return pairs
}

function typeOf(query: string, side: string, columns: Columns, name: string): Column<unknown>['type'] {
  const type = columns.get(name)?.type
  if (type !== undefined) return type
  const known = [...columns.keys()].map((column) => `\`${column}\``).join(', ')
  // Spark's words (UNRESOLVED_USING_COLUMN_FOR_JOIN).
  return refuse(
    `${query}: USING column \`${name}\` cannot be resolved on the ${side} side of the join. The ${side}-side columns: [${known}].`,
  )
}

/** The columns that both sides have under one name and that are equal: behind the join there is one of each. */
export const namesOfMerged = (on: On): readonly string[] => on.filter((key) => typeof key === 'string')

/**
 * What the columns of the right side are called behind the join.
 * @throws MicrobatchError QUERY_INVALID where the left side has a column of that name
 */
export function joinedNames(
  { name, columns }: Plan,
  right: Columns,
  { merged, prefix }: { readonly merged: readonly string[]; readonly prefix: string },
): ReadonlyMap<string, string> {
  const names = [...right.keys()].filter((own) => !merged.includes(own)).map((own) => [own, `${prefix}${own}`] as const)
  const twice = names.find(([, as]) => columns.has(as))
  if (twice !== undefined) {
    refuse(
      `${name}: join: both sides have a column \`${twice[1]}\`. Tell those of the right side apart by a prefix: { prefix: 'right_' }, ` +
        'or leave one out by drop.',
    )
  }
  return new Map(names)
}
