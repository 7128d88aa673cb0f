// The operators that make any number of rows of one: flatMap, explode, explodeOuter. What a function throws refuses the row that
// it was given; an element that is no row, or no value of its column, is refused by itself.

import { valueText } from '../../types/text/value-text.ts'
import { holdMappedRows } from '../held/held-row.ts'
import { holderOf } from '../held/held-value.ts'
import { failedFunction, Refusal } from '../held/refusal.ts'
import type { PlanRow, RowGenerator } from '../plan/plan.ts'

/** The rows made of a row, each perhaps refused; or a refusal of all of it. */
export type GeneratorFunction = (row: PlanRow) => readonly (PlanRow | Refusal)[] | Refusal

/** Rows of one record: more would not leave room in a container for the others of its batch. */
export const maxRowsOfRecord = 100_000

export const tooManyRows = `more than ${maxRowsOfRecord} rows of one record`

export function compileGenerator(generator: RowGenerator): GeneratorFunction {
  switch (generator.kind) {
    case 'flatMap':
      return flatMapFunction(generator)
    case 'explode':
      return explodeFunction(generator)
    case 'explodeMap':
      return explodeMapFunction(generator)
    case 'lookup':
      return generator.generate
  }
}

function flatMapFunction({
  run,
  columns,
  declared,
}: Extract<RowGenerator, { readonly kind: 'flatMap' }>): GeneratorFunction {
  const hold = holdMappedRows(columns, declared, 'the function of flatMap')
  return (row) => {
    try {
      const given = run(row)
      if (given instanceof Refusal) return given
      if (given === null || given === undefined) return []
      if (!isIterable(given)) {
        return new Refusal(
          'WRONG_SHAPE',
          `expected a list of rows, got ${valueText(given)} from the function of flatMap`,
        )
      }
      const rows: (PlanRow | Refusal)[] = []
      for (const made of given) {
        if (rows.length === maxRowsOfRecord) return new Refusal('TOO_MANY_ROWS', tooManyRows)
        rows.push(made instanceof Refusal ? made : hold(made, row))
      }
      return rows
    } catch (cause) {
      return failedFunction('flatMap', cause)
    }
  }
}

/** A text would come apart into its characters. */
const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value

function explodeFunction({
  column,
  as,
  element,
  isOuter,
}: Extract<RowGenerator, { readonly kind: 'explode' }>): GeneratorFunction {
  const hold = holderOf(as, element, `explode of \`${column}\``)
  return (row) => {
    const list = row[column]
    if (list !== null && list !== undefined && !Array.isArray(list)) {
      return new Refusal('WRONG_SHAPE', `column ${column}: explode expected a list or null, got ${valueText(list)}`)
    }
    if (list === null || list === undefined || list.length === 0) return isOuter ? [{ ...row, [as]: null }] : []
    return list.map((value: unknown) => {
      const held = hold(value)
      return held instanceof Refusal ? held : { ...row, [as]: held }
    })
  }
}

function explodeMapFunction({
  column,
  as: [key, value],
  element,
  isOuter,
}: Extract<RowGenerator, { readonly kind: 'explodeMap' }>): GeneratorFunction {
  const hold = holderOf(value, element, `explode of \`${column}\``)
  return (row) => {
    const map = row[column] ?? new Map()
    if (!(map instanceof Map)) {
      return new Refusal('WRONG_SHAPE', `column ${column}: explode expected a map or null, got ${valueText(map)}`)
    }
    if (map.size === 0) return isOuter ? [{ ...row, [key]: null, [value]: null }] : []
    return Array.from(map, ([name, given]: readonly [unknown, unknown]) => {
      if (typeof name !== 'string')
        return new Refusal('WRONG_SHAPE', `column ${key}: expected a string, got ${valueText(name)}`)
      const held = hold(given)
      return held instanceof Refusal ? held : { ...row, [key]: name, [value]: held }
    })
  }
}
