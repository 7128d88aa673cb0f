// The arguments of aggregates, bound to the columns of the rows: a column by its name, or a function of the row.

import { boolean, type Column, double } from '../decode/schema.ts'
import { refuse } from '../error.ts'
import type { Argument } from './aggregator.ts'
import { columnReader } from './column-reader.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

/** What messages say of a function. */
export const functionText = '<function>'

/** What the functions of an aggregate give, beside null. */
export type Taken = 'number' | 'boolean'

/**
 * @param taken what a function must give
 * @throws MicrobatchError QUERY_INVALID in Spark's words for a column that is not there
 */
export function resolveArgument<Row>(
  argument: (keyof Row & string) | ((row: Row) => unknown),
  columns: Columns,
  name: string,
  taken: Taken = 'number',
): Argument<Row> {
  if (typeof argument === 'function') {
    return {
      text: functionText,
      column: taken === 'number' ? double().nullable() : boolean().nullable(),
      read(row) {
        const value = argument(row) ?? null
        if (value !== null && typeof value !== taken) {
          refuse(`The function of ${name} gave a ${typeof value}. A function of the row gives a ${taken} or null.`)
        }
        return value
      },
    }
  }
  const column = columns.get(argument)
  if (column === undefined) {
    const known = [...columns.keys()].map((known) => `\`${known}\``).join(', ')
    // Spark's words (UNRESOLVED_COLUMN.WITH_SUGGESTION).
    return refuse(
      `A column or function parameter with name \`${argument}\` cannot be resolved. Did you mean one of the following? [${known}]`,
    )
  }
  return { text: argument, column, read: columnReader(argument) as Argument<Row>['read'] }
}

/** @throws MicrobatchError QUERY_INVALID in Spark's words for what is no number */
export const requireNumeric = <Row>(kind: string, argument: Argument<Row>): Argument<Row> =>
  argument.column.type.isNumeric ? argument : unexpected(kind, argument, '"NUMERIC" type')

/**
 * @param wanted the types in Spark's words: `"NUMERIC" type`
 * @param place where it stands, of all arguments of the call
 * @throws MicrobatchError QUERY_INVALID in Spark's words for an argument of another type
 */
export const unexpected = <Row>(
  kind: string,
  { text, column }: Argument<Row>,
  wanted: string,
  { call = `${kind}(${text})`, place = 1 } = {},
): never =>
  // Spark's words (DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE).
  refuse(
    `Cannot resolve "${call}" due to data type mismatch: Parameter ${place} requires the ${wanted}, ` +
      `however "${text}" has the type "${column.type.sparkName}".`,
  )

/** @throws MicrobatchError QUERY_INVALID in Spark's words for what has no order */
export function requireOrder<Row>(kind: string, argument: Argument<Row>): Argument<Row> {
  const { domain, sparkName } = argument.column.type
  if (domain.isOrderable !== false) return argument
  // Spark's words (DATATYPE_MISMATCH.INVALID_ORDERING_TYPE).
  return refuse(
    `Cannot resolve "${kind}(${argument.text})" due to data type mismatch: ` +
      `The "${kind}" does not support ordering on type "${sparkName}".`,
  )
}
