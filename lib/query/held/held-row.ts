// A whole row that a codec, the function of `decode` or a test has made, held to the columns that the plan knows it by.

import { type Column, inferredColumn } from '../../decode/schema.ts'
import { valueText } from '../../types/text/value-text.ts'
import type { PlanRow } from '../plan/plan.ts'
import { type Holder, holderOf } from './held-value.ts'
import { Refusal } from './refusal.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

export type RowHolder = (row: unknown) => PlanRow | Refusal

/** Rows of a codec: exactly the columns of its schema, in their order. */
export function holdRows(columns: Columns, by: string): RowHolder {
  const fields = Array.from(columns, ([name, column]) => ({ name, hold: holderOf(name, column, by) }))
  return (given) => {
    if (!isRow(given)) return noRow(given, by)
    const row: Record<string, unknown> = {}
    for (const { name, hold } of fields) {
      const value = hold(given[name])
      if (value instanceof Refusal) return value
      row[name] = value
    }
    return row
  }
}

/** So many columns that nobody declared may a function add: their names may come from records. */
const maxInferredColumns = 1_000

/**
 * Rows of the function of `decode`. A column that it declares is held to its type; one that the codec has keeps the codec's
 * type, and may be null or left out; any other is held to the form of its first value.
 *
 * @returns the holder; `before` is the codec's row, whose values need no second look
 */
export function holdMappedRows(
  columns: Columns,
  declared: ReadonlySet<string>,
  by: string,
): (row: unknown, before?: PlanRow) => PlanRow | Refusal {
  const holders = new Map<string, Holder>()
  for (const [name, column] of columns) holders.set(name, holderOf(name, column, by))
  const known = holders.size
  const inferredHolder = (name: string): Holder | null => {
    if (holders.size - known >= maxInferredColumns) return null
    const holder = holderOf(name, inferredColumn(), by)
    holders.set(name, holder)
    return holder
  }
  const own = Array.from(declared, (name) => ({ name, hold: holders.get(name) }))
  const isSame = compileSame(Array.from(columns.keys()).filter((name) => !declared.has(name)))
  const isWhole = (given: PlanRow): boolean => {
    let count = 0
    for (const _ in given) count += 1
    return count === known
  }
  /** A row that has the codec's values as they were beside what is declared, as nearly all have: undefined for any other. */
  const quickly = (given: PlanRow, before: PlanRow): PlanRow | Refusal | undefined => {
    if (Object.getPrototypeOf(given) !== Object.prototype || !isSame(given, before) || !isWhole(given)) return undefined
    let row = given
    for (const { name, hold } of own) {
      const value = given[name]
      if (value === undefined) return undefined
      const held = hold?.(value)
      if (held instanceof Refusal) return held
      if (held !== value) row = withValue(row, given, name, held)
    }
    return row
  }
  return (given, before = empty) => {
    if (!isRow(given)) return noRow(given, by)
    const quick = quickly(given, before)
    if (quick !== undefined) return quick
    let row = given
    for (const name of Object.keys(given)) {
      const value = given[name]
      if (value === undefined || (value === before[name] && !declared.has(name))) continue
      const hold = holders.get(name) ?? inferredHolder(name)
      if (hold === null) {
        return new Refusal('WRONG_SHAPE', `more than ${maxInferredColumns} columns without a type from ${by}`)
      }
      const held = hold(value)
      if (held instanceof Refusal) return held
      if (held !== value) row = withValue(row, given, name, held)
    }
    for (const name of declared) {
      if (Object.hasOwn(given, name) && given[name] !== undefined) continue
      const held = holders.get(name)?.(given[name])
      if (held instanceof Refusal) return held
      row = withValue(row, given, name, held)
    }
    return row
  }
}

const empty: PlanRow = {}

/**
 * Whether two rows have the same values in some columns, none of them left out. Made as source text, so that each column is read
 * by its name: by a variable it is looked up in a table, a dozen times for each row. The text is made of quoted names alone.
 */
function compileSame(names: readonly string[]): (left: PlanRow, right: PlanRow) => boolean {
  const columns = names.map((name) => JSON.stringify(name))
  const same = columns.map((name) => ` && left[${name}] !== undefined && left[${name}] === right[${name}]`).join('')
  return new Function('left', 'right', `return true${same}`) as (left: PlanRow, right: PlanRow) => boolean
}

/** What the function gave is never changed: it may be kept, or frozen. */
function withValue(row: PlanRow, given: PlanRow, name: string, value: unknown): PlanRow {
  const copy: Record<string, unknown> = row === given ? { ...given } : row
  copy[name] = value
  return copy
}

const isRow = (value: unknown): value is PlanRow =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Promise) &&
  !(value instanceof Uint8Array)

const noRow = (value: unknown, by: string): Refusal =>
  new Refusal('WRONG_SHAPE', `expected a row, got ${valueText(value)} from ${by}`)
