// What our query answers to a file: phase by phase through the test driver, with Spark's own watermark policy and without guards that
// Spark does not have; or all at once, in batch mode.

import type { OutputMode, StreamingQueryProgress } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'
import { type GoldenRow, goldenRow } from '../../golden2.ts'
import { notRun, type OperatorNumbers, type Phase, textsOf } from './phases.ts'
import type { InputRow, Row, Scenario } from './scenario.ts'
import { translate } from './translate.ts'
import type { AnyRow, AnyStream } from './translation.ts'

/** The topic of a row that names no source. */
const defaultSource = 'in'

/** @throws MicrobatchError where we refuse the query, or stop */
export async function ourPhases(scenario: Scenario, outputMode: OutputMode): Promise<readonly Phase[]> {
  const stream = translate(scenario.plan)
  const query = stream.writeStream({
    outputMode,
    sinks: [keepingSink()],
    watermarkPolicy: 'max',
    maxFuture: 'off',
    onFunctionError: 'fail',
  })
  const driver = testDriver(query)
  const phases: Phase[] = []
  const isOrdered = inOrder(scenario, outputMode)
  for (const { input } of scenario.batches) {
    if (input.length === 0) {
      phases.push(notRun)
      continue
    }
    const { rows, progress } = await driver.addRecords(input.map(recordOf))
    // All that is kept is written and read between any two batches.
    await driver.restart()
    phases.push({
      rows: textsOf(shown(stream, rows), isOrdered),
      watermark: progress.eventTime?.watermark,
      operators: progress.stateOperators.map(numbersOf),
    })
  }
  return phases
}

export async function ourBatch(scenario: Scenario, isOrdered: boolean): Promise<readonly string[]> {
  const stream = translate(scenario.plan)
  const rows = await decodedRows(scenario)
  return textsOf(shown(stream, stream.runBatch(rows)), isOrdered)
}

/** The rows of all phases after `from_json`, which batch mode begins with. */
async function decodedRows({ plan, batches }: Scenario): Promise<readonly AnyRow[]> {
  const end = plan.findIndex(({ op }) => op === 'fromJson') + 1
  const driver = testDriver(translate(plan.slice(0, end)).writeStream({ sinks: [keepingSink()] }))
  return (await driver.addRecords(batches.flatMap(({ input }) => input.map(recordOf)))).rows
}

const recordOf = ({ value, source = defaultSource }: InputRow) => ({ topic: source, value })

/** Rows in the form of the files. */
const shown = ({ plan: { columns } }: AnyStream, rows: readonly unknown[]): readonly Row[] =>
  rows.map((row) => goldenRow(columns, row as GoldenRow))

const numbersOf = (state: StreamingQueryProgress['stateOperators'][number]): OperatorNumbers => ({
  name: state.operatorName,
  updated: state.numRowsUpdated,
  removed: state.numRowsRemoved,
  total: state.numRowsTotal,
  dropped: state.numRowsDroppedByWatermark,
  duplicates: state.customMetrics.numDroppedDuplicateRows ?? 0,
})

/** Whether the order of a mode's rows is a part of the answer. */
function inOrder({ expected }: Scenario, mode: OutputMode): boolean {
  const phases = expected[mode]
  return Array.isArray(phases) && phases.flat().some(({ ordered }) => ordered === true)
}
