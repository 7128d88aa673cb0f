// A recording as a test: the events that were delivered, once more through a query, and what it comes to in the end against golden
// rows. The query runs as testDriver runs it, over memory; its sinks are not written.

import { readFileSync } from 'node:fs'
import { MicrobatchError, messageOf } from '../error.ts'
import { place } from '../event/located-row.ts'
import { parseKafkaEvent } from '../event/parse.ts'
import { handledEvent } from '../event/recording/handled.ts'
import { readRecorded } from '../event/recording/read.ts'
import type { StreamingQuery } from '../query/plan/streaming-query.ts'
import type { DeadLetter } from '../sink/dead-letter.ts'
import { type TestDriverOptions, testDriver } from './driver.ts'
import { finalRows, type JsonRow, jsonRow } from './json-rows.ts'
import { rowDifferences } from './row-differences.ts'

const numLettersShown = 3

export interface ExpectReplayOptions extends TestDriverOptions {
  /** Whose events are replayed, by the function's key in serverless.yml; needed where the recording has those of several. */
  readonly function?: string
}

export interface ReplayExpectation {
  /**
   * @param golden a file of rows, a line of JSON each (`microbatch replay FILE --rows GOLDEN`), or the rows themselves
   * @throws MicrobatchError REPLAY_DIFFERS naming the rows and columns that differ; CONFIG_INVALID for a file that is none
   */
  toMatchRows(golden: string | readonly object[]): Promise<void>
  /** The rows as they are compared: the last of each group, or all of a query without groups, in the order of their keys. */
  rows(): Promise<readonly JsonRow[]>
}

/**
 * Replays a recording through a query. However the records were cut into batches, the rows in the end are the same.
 *
 * @param file a recording of `microbatch record` or `microbatch start --record`; .gz and .zst are unpacked
 * @throws what a batch would fail with on Lambda; RecordingError naming `file:line`
 * @example
 * test('bars of the 5th of January', () =>
 *   expectReplay('test/bars.ndjson.zst', barsQuery, { partitions: 3 }).toMatchRows('test/bars.golden.ndjson'))
 */
export function expectReplay<Row, Source>(
  file: string,
  query: StreamingQuery<Row, Source>,
  options: ExpectReplayOptions = {},
): ReplayExpectation {
  const keyColumns = keyColumnsOf(query)
  const replayed = async () => {
    const { function: wanted, ...driverOptions } = options
    const driver = testDriver<Row, Source>({ ...query, sinks: [], lateSink: null }, driverOptions)
    const found = finalRows(keyColumns, query.outputMode === 'complete')
    const letters: DeadLetter[] = []
    let [numLetters, numLate] = [0, 0]
    let only = wanted
    for await (const invocation of readRecorded(file)) {
      only ??= invocation.function
      if (invocation.function !== only) {
        if (wanted !== undefined) continue
        const problem = `${file} has the events of ${only} and of ${invocation.function}`
        throw new MicrobatchError('CONFIG_INVALID', `expectReplay: ${problem}: name one, { function: '${only}' }.`)
      }
      const event = handledEvent(invocation)
      if (event === undefined) continue
      const batch = await driver.addRecords(parseKafkaEvent(event).rows)
      found.add(batch.rows)
      numLate += batch.late.length
      letters.push(...batch.deadLetters.slice(0, numLettersShown - letters.length))
      numLetters += batch.deadLetters.length
    }
    const setAside = letters.map(({ reason, detail, ...at }) => `${place(at)}: ${reason} (${detail})`)
    const notes = [
      ...(numLate === 0 ? [] : [`late rows: ${numLate}`]),
      ...(numLetters === 0 ? [] : [`dead letters: ${numLetters}, the first of them ${setAside.join('; ')}`]),
    ]
    return { rows: found.sorted(), notes }
  }
  return {
    rows: async () => (await replayed()).rows,
    async toMatchRows(golden) {
      const expected = typeof golden === 'string' ? readGolden(golden, file) : golden.map(jsonRow)
      const { rows, notes } = await replayed()
      const differences = rowDifferences(rows, expected, keyColumns)
      if (differences.length === 0) return
      const against = typeof golden === 'string' ? golden : 'the rows that were expected'
      const remedy =
        typeof golden === 'string'
          ? `\nIf these are right: npx microbatch replay ${file} --rows ${golden}, and look at what git says of it.`
          : ''
      const lines = [...differences, ...notes].map((line) => `  ${line}`).join('\n')
      throw new MicrobatchError(
        'REPLAY_DIFFERS',
        `${query.name} over ${file} differs from ${against}:\n${lines}${remedy}`,
      )
    },
  }
}

/** The columns that tell its rows apart, where it keeps them all. */
function keyColumnsOf({ plan }: StreamingQuery<never>): readonly string[] | null {
  const order = plan.aggregation?.order
  return order?.every((column) => plan.columns.has(column)) ? order : null
}

function readGolden(path: string, file: string): readonly JsonRow[] {
  let number = 0
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => {
        number += 1
        return line.trim() === '' ? [] : [jsonRow(JSON.parse(line))]
      })
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    const problem = isMissing
      ? `there is no ${path}. It is made by: npx microbatch replay ${file} --rows ${path}`
      : `${path}:${number}: ${messageOf(error)}`
    throw new MicrobatchError('CONFIG_INVALID', `expectReplay: ${problem}`, { cause: error })
  }
}
