// The grouping columns of a query, and the keys that are asked by them: each value is held to its column, so that a key that cannot be
// is an error in words and not a group that nobody finds.

import type { Column } from '../../decode/schema.ts'
import { MicrobatchError } from '../../error.ts'
import { valueText } from '../../types/text/value-text.ts'
import type { AggregationStep } from '../plan/plan.ts'
import type { AskedKey, KeptTable } from './kept-table.ts'

export function columnsOfGroups({ order, output }: AggregationStep): ReadonlyMap<string, Column<unknown>> {
  return new Map(
    order.flatMap((name) => {
      const column = output.get(name)
      return column === undefined ? [] : [[name, column] as const]
    }),
  )
}

/**
 * @param query its name, for messages
 * @param hasWindow whether the window is among the columns of the key
 * @throws MicrobatchError KEY_INVALID for a column that is missing, unknown, or given what is none of its type
 */
export function askedKey(
  query: string,
  { columns, window }: Pick<KeptTable, 'columns' | 'window'>,
  given: unknown,
  hasWindow: boolean,
): AskedKey {
  const names = [...columns.keys()].filter((name) => hasWindow || name !== window)
  const invalid = (problem: string): MicrobatchError => {
    const takes = names.length === 0 ? 'no column: {}' : names.join(', ')
    return new MicrobatchError('KEY_INVALID', `${query}: ${problem} A key of it takes ${takes}.`)
  }
  if (typeof given !== 'object' || given === null) throw invalid(`${valueText(given)} is no key.`)
  const stranger = Object.keys(given).find((name) => !names.includes(name))
  if (stranger !== undefined) throw invalid(`the key has \`${stranger}\`.`)
  const key: Record<string, unknown> = {}
  for (const name of names) {
    const value: unknown = Reflect.get(given, name)
    const type = columns.get(name)?.type
    if (value === undefined || type === undefined) throw invalid(`the key has no \`${name}\`.`)
    const held = value === null ? null : type.hold(value)
    if (held === undefined) throw invalid(`\`${name}\` of the key is ${valueText(value)}, and takes ${type.wanted}.`)
    key[name] = held
  }
  return { key, hasWindow }
}

/** @throws MicrobatchError KEY_INVALID for a range where there are no windows, or one of no times */
export function checkRange(query: string, { window }: Pick<KeptTable, 'window'>, range: object): void {
  const given = Object.entries(range).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    if (window !== null && (name === 'from' || name === 'to') && typeof value === 'number' && !Number.isNaN(value))
      continue
    const problem =
      window === null ? 'its groups have no windows, so there is no range of them' : `${name} is ${valueText(value)}`
    throw new MicrobatchError(
      'KEY_INVALID',
      `${query}: ${problem}. Windows are asked by { from, to }, in epoch milliseconds.`,
    )
  }
}
