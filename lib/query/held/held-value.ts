// One value that a function or a codec has made, held to its column: TypeScript cannot, since what JSON.parse and the libraries
// of other formats give is `any`. Prepared once per column; a row pays for one call a value.

import type { Column } from '../../decode/schema.ts'
import { formOf } from '../../types/inferred.ts'
import { valueText } from '../../types/text/value-text.ts'
import { Refusal } from './refusal.ts'

/** The value as rows have it, or a refusal. */
export type Holder = (value: unknown) => unknown

/**
 * @param by who made the value, for the dead letter: `the function of withColumn`
 * @example
 * holderOf('cents', long(), 'withColumn')(19.99 * 100) // WRONG_SHAPE: column cents: expected an integer …, got 1998.99…
 */
export function holderOf(name: string, column: Column<unknown>, by: string): Holder {
  if (column.kind === 'inferred') return heldToFirst(name, by)
  const { type, isNullable } = column
  const wanted = isNullable ? `${type.wanted} or null` : type.wanted
  return (value) => {
    if (value === null || value === undefined) {
      return isNullable ? null : misfit('WRONG_SHAPE', name, wanted, value, by)
    }
    const held = type.hold(value)
    return held === undefined ? misfit(type.misfit?.(value) ?? 'WRONG_SHAPE', name, wanted, value, by) : held
  }
}

/** A column without a type: the form of its first value, in this container, is the one that all others must have. */
function heldToFirst(name: string, by: string): Holder {
  let first: string | null = null
  return (value) => {
    if (value === null || value === undefined) return null
    const form = formOf(value)
    if (form === null) return misfit('WRONG_SHAPE', name, 'a value that a row can have', value, by)
    first ??= form
    if (form === first) return value
    return misfit('WRONG_SHAPE', name, `${first}, as its first value was (give the column its type)`, value, by)
  }
}

/** @param by who made the value */
export const misfit = (reason: string, name: string, wanted: string, value: unknown, by: string): Refusal =>
  new Refusal(reason, `column ${name}: expected ${wanted}, got ${valueText(value)} from ${by}`)
