// The arguments of aggregates, bound to the columns of the rows: a column by its name, or a function of the row.

import { type Column, double } from '../decode/schema.ts'
import { refuse } from '../error.ts'
import type { Argument } from './aggregator.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

/** What messages say of a function. */
export const functionText = '<function>'

/** @throws MicrobatchError QUERY_INVALID in Spark's words for a column that is not there */
export function resolveArgument<Row>(
  argument: (keyof Row & string) | ((row: Row) => unknown),
  columns: Columns,
  name: string,
): Argument<Row> {
  if (typeof argument === 'function') {
    return {
      text: functionText,
      column: double().nullable(),
      read(row) {
        const value = argument(row) ?? null
        if (value !== null && typeof value !== 'number') {
          refuse(`The function of ${name} gave a ${typeof value}. A function of the row gives a number or null.`)
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
  return { text: argument, column, read: (row) => row[argument] ?? null }
}

/** @throws MicrobatchError QUERY_INVALID in Spark's words for what is no number */
export function requireNumeric<Row>(kind: string, argument: Argument<Row>): Argument<Row> {
  if (!argument.column.type.isNumeric) {
    // Spark's words (DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE).
    refuse(
      `Cannot resolve "${kind}(${argument.text})" due to data type mismatch: Parameter 1 requires the "NUMERIC" type, ` +
        `however "${argument.text}" has the type "${argument.column.type.sparkName}".`,
    )
  }
  return argument
}
