// What a streaming query may print: append, update, complete, and what Spark refuses in each, in Spark's words
// (UnsupportedOperationChecker.scala, 3.5). A pure check of the plan's shape; batch queries never come here.

import { refuse } from '../error.ts'

/**
 * `append`: a row once, when it is final. `update`: the groups a batch has changed. `complete`: the whole table, each batch.
 */
export type OutputMode = 'append' | 'update' | 'complete'

/** An operator that the output mode has a say in. */
export type PlanOperator =
  | {
      readonly kind: 'aggregate'
      /** Grouped by the column that has the watermark, or by a window over it. */
      readonly isGroupedByWatermark: boolean
      /** By sessions, and whether by nothing else. */
      readonly sessions?: { readonly isGlobal: boolean }
    }
  | { readonly kind: 'stateful'; readonly isCustom?: boolean }
  | { readonly kind: 'orderBy' }
  | { readonly kind: 'limit' }

/** Spark prints the modes capitalised. */
const titleOf: Readonly<Record<OutputMode, string>> = { append: 'Append', update: 'Update', complete: 'Complete' }

/**
 * Refuses what Spark refuses: append of groups that are never final, complete without an aggregation, one aggregation
 * after another except in append, a limit in update, a sort of anything but the complete table.
 *
 * @param operators of the query, in the order in which they are applied
 * @throws MicrobatchError QUERY_INVALID in Spark's words, the first of several in Spark's order
 * @example checkOutputMode('complete', [{ kind: 'orderBy' }]) // throws: Complete output mode not supported when there are no …
 */
export function checkOutputMode(mode: OutputMode, operators: readonly PlanOperator[]): void {
  const aggregates = operators.filter((operator) => operator.kind === 'aggregate')
  // Spark's `aggregates.head` is the one nearest to the sink: its plans are walked from there.
  const lastAggregate = aggregates.at(-1)
  if (mode === 'append' && lastAggregate?.isGroupedByWatermark === false) {
    refuse(
      `${titleOf[mode]} output mode not supported when there are streaming aggregations on streaming DataFrames/DataSets without watermark`,
    )
  }
  if (mode === 'update' && lastAggregate?.sessions !== undefined) {
    refuse('Update output mode not supported for session window on streaming DataFrames/DataSets')
  }
  if (mode === 'complete' && lastAggregate === undefined) {
    refuse(
      `${titleOf[mode]} output mode not supported when there are no streaming aggregations on streaming DataFrames/Datasets`,
    )
  }
  // Spark says so when the query runs.
  if (aggregates.some(({ sessions }) => sessions?.isGlobal === true)) {
    refuse('Global aggregation with session window in streaming query is not supported.')
  }
  let isAggregated = false
  for (const operator of operators) {
    switch (operator.kind) {
      case 'aggregate':
        isAggregated = true
        break
      case 'limit':
        if (mode === 'update') {
          refuse('Limits are not supported on streaming DataFrames/Datasets in Update output mode')
        }
        break
      case 'orderBy':
        if (!(mode === 'complete' && isAggregated)) {
          refuse(
            'Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode',
          )
        }
        break
    }
  }
  const custom = operators.findIndex((operator) => operator.kind === 'stateful' && operator.isCustom === true)
  if (mode !== 'append' && custom !== -1 && operators.slice(custom).some(({ kind }) => kind === 'aggregate')) {
    // Spark's words for its older kin, flatMapGroupsWithState.
    refuse(`transformWithState in ${mode} mode is not supported with aggregation on a streaming DataFrame/Dataset`)
  }
  const lastStateful = operators.findLastIndex(({ kind }) => kind === 'aggregate' || kind === 'stateful')
  if (
    mode !== 'append' &&
    operators.findIndex(({ kind }) => kind === 'aggregate') < lastStateful &&
    aggregates.length > 0
  ) {
    refuse(
      "Detected pattern of possible 'correctness' issue due to global watermark. The query contains stateful operation " +
        'which can emit rows older than the current watermark plus allowed late record delay, which are "late rows" in ' +
        'downstream stateful operations and these rows can be discarded. Please refer the programming guide doc for more details.',
    )
  }
}
