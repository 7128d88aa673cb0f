// One aggregate of a query made ready to run: its arguments bound to the columns of the rows. The few that nearly every query has
// are told apart here; the others bring along how they run, so that a bundle has only those that its queries name.

import { type Column, double } from '../decode/schema.ts'
import type { Aggregator } from './aggregator.ts'
import { functionText, requireNumeric, requireOrder, resolveArgument } from './argument.ts'
import type { Aggregate, Aggregates } from './functions/aggregate.ts'
import { endAggregator, extremeAggregator, extremeByAggregator } from './functions/selection.ts'
import { avgAggregator, countAggregator, sumAggregator } from './functions/totals.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

/** How many of the aggregates share the room that a group has for values. */
export const sharesOf = <Row>(aggregates: Aggregates<Row>): number =>
  Object.values(aggregates).filter((aggregate) => 'keeps' in aggregate && aggregate.keeps !== 'value').length

/**
 * @param name of the output column, for messages
 * @param shares as `sharesOf` the aggregates of the query gives it
 * @param hasTopics whether the rows are from several topics
 */
export function aggregatorOf<Row>(
  aggregate: Aggregate<Row>,
  columns: Columns,
  name: string,
  shares: number,
  hasTopics: boolean,
): Aggregator<Row, unknown> {
  if ('make' in aggregate) {
    const argument = resolveArgument<Row>(aggregate.argument, columns, name, aggregate.takes)
    const by = 'by' in aggregate ? resolveArgument<Row>(aggregate.by, columns, name, aggregate.takes) : argument
    return aggregate.make({ argument, by, shares, hasTopics })
  }
  switch (aggregate.kind) {
    case 'count': {
      const { argument } = aggregate
      if (argument === null) return countAggregator<Row>(null)
      // The one function whose value may be of any type: only null or not counts.
      if (typeof argument === 'function') {
        return countAggregator({
          text: functionText,
          column: double().nullable(),
          read: (row: Row) => argument(row) ?? null,
        })
      }
      return countAggregator(resolveArgument(argument, columns, name))
    }
    case 'sum':
      return sumAggregator(requireNumeric('sum', resolveArgument(aggregate.argument, columns, name)))
    case 'avg':
      return avgAggregator(requireNumeric('avg', resolveArgument(aggregate.argument, columns, name)))
    case 'min':
      return extremeAggregator(requireOrder('min', resolveArgument(aggregate.argument, columns, name)), -1)
    case 'max':
      return extremeAggregator(requireOrder('max', resolveArgument(aggregate.argument, columns, name)), 1)
    case 'first':
    case 'last':
      return endAggregator(resolveArgument(aggregate.argument, columns, name), aggregate.kind, hasTopics)
    case 'minBy':
      return extremeByAggregator(
        resolveArgument(aggregate.argument, columns, name),
        requireOrder('min_by', resolveArgument(aggregate.by, columns, name)),
        -1,
        hasTopics,
      )
    case 'maxBy':
      return extremeByAggregator(
        resolveArgument(aggregate.argument, columns, name),
        requireOrder('max_by', resolveArgument(aggregate.by, columns, name)),
        1,
        hasTopics,
      )
    case 'custom':
      return aggregate.aggregator
  }
}
