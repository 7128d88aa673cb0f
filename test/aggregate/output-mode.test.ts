import { describe, expect, test } from 'vitest'
import { checkOutputMode, type OutputMode, type PlanOperator } from '../../lib/aggregate/output-mode.ts'

const final: PlanOperator = { kind: 'aggregate', isGroupedByWatermark: true }
const endless: PlanOperator = { kind: 'aggregate', isGroupedByWatermark: false }
const orderBy: PlanOperator = { kind: 'orderBy' }
const limit: PlanOperator = { kind: 'limit' }

const E1 =
  'Append output mode not supported when there are streaming aggregations on streaming DataFrames/DataSets without watermark'
const E2 =
  'Complete output mode not supported when there are no streaming aggregations on streaming DataFrames/Datasets'
const E5 =
  /^Detected pattern of possible 'correctness' issue due to global watermark\. The query contains stateful operation which can emit rows older than the current watermark plus allowed late record delay, /
const E6 = 'Limits are not supported on streaming DataFrames/Datasets in Update output mode'
const E7 =
  'Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode'

describe('what each mode takes and refuses', () => {
  const table: readonly (readonly [
    string,
    readonly PlanOperator[],
    Readonly<Record<OutputMode, string | RegExp | null>>,
  ])[] = [
    ['rows only', [], { append: null, update: null, complete: E2 }],
    ['an aggregation that becomes final', [final], { append: null, update: null, complete: null }],
    ['an aggregation that never becomes final', [endless], { append: E1, update: null, complete: null }],
    ['a limit on rows', [limit], { append: null, update: E6, complete: E2 }],
    ['a limit after an aggregation', [final, limit], { append: null, update: E6, complete: null }],
    ['a limit before an aggregation', [limit, final], { append: null, update: E6, complete: null }],
    ['a sort of rows', [orderBy], { append: E7, update: E7, complete: E2 }],
    ['a sort after an aggregation', [final, orderBy], { append: E7, update: E7, complete: null }],
    ['a sort before an aggregation', [orderBy, final], { append: E7, update: E7, complete: E7 }],
    ['sort and limit after an aggregation', [final, orderBy, limit], { append: E7, update: E7, complete: null }],
    ['two aggregations', [final, final], { append: null, update: E5, complete: E5 }],
    ['two aggregations, the last without end', [final, endless], { append: E1, update: E5, complete: E5 }],
  ]

  for (const [query, operators, answers] of table) {
    for (const mode of ['append', 'update', 'complete'] as const) {
      const message = answers[mode]
      test(`${query} in ${mode} mode: ${message === null ? 'taken' : 'refused in the words of Spark'}`, () => {
        const check = () => checkOutputMode(mode, operators)
        if (message === null) expect(check).not.toThrow()
        else {
          expect(check).toThrow(
            expect.objectContaining({
              code: 'QUERY_INVALID',
              message: typeof message === 'string' ? message : expect.stringMatching(message),
            }),
          )
        }
      })
    }
  }
})
