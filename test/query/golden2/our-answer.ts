// What our query answers to a file: phase by phase through the test driver, with Spark's own watermark policy and without guards that
// Spark does not have; or all at once, in batch mode.

import type { OutputMode, StreamingQueryProgress } from '../../../lib/index.ts'
import { topicsOf } from '../../../lib/query/plan/sources.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'
import { type GoldenRow, goldenRow } from '../../golden2.ts'
import { notRun, type OperatorNumbers, type Phase, textsOf } from './phases.ts'
import type { InputRow, Operator, Row, Scenario } from './scenario.ts'
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
    multipleWatermarkPolicy: scenario.conf?.['spark.sql.streaming.multipleWatermarkPolicy'] === 'max' ? 'max' : 'min',
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
  const [rows = [], ...others] = await decodedRows(scenario)
  const sources = Object.fromEntries(others.map((own, i) => [topicsOf(stream.plan)[i + 1], own]))
  return textsOf(shown(stream, stream.runBatch(rows, { sources })), isOrdered)
}

/** The rows of all phases after `from_json`, which batch mode begins with, by their sources. */
async function decodedRows({ plan, batches }: Scenario): Promise<readonly (readonly AnyRow[])[]> {
  const records = batches.flatMap(({ input }) => input.map(recordOf))
  const decoded: (readonly AnyRow[])[] = []
  for (const source of sourcesOf(plan)) {
    const stream = translate(source)
    const [topic] = topicsOf(stream.plan)
    const driver = testDriver(stream.writeStream({ sinks: [keepingSink()] }))
    decoded.push((await driver.addRecords(records.filter((record) => record.topic === topic))).rows)
  }
  return decoded
}

/** The beginnings of a plan, and of those that it takes up, up to their rows. */
function sourcesOf(plan: readonly Operator[]): readonly (readonly Operator[])[] {
  const end = plan.findIndex(({ op }) => op === 'fromJson') + 1
  const others = plan.flatMap((operator) => {
    return 'with' in operator ? sourcesOf(operator.with as readonly Operator[]) : []
  })
  return end === 0 ? others : [plan.slice(0, end), ...others]
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
