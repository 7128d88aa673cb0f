// What was printed of one query, out of the file with the tables of all functions: a query's tables are known by their columns.
import { createReadStream } from 'node:fs'
import type { TopicBatch } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { eachLine } from '../pipeline/lines.ts'
import { type Groups, groupKey } from './group-comparison.ts'
import { type PrintedRow, tableReader } from './printed-tables.ts'
import { hasCutCell } from './row-comparison.ts'

/** A query as it prints. */
export interface PrintingQuery {
  readonly name: string
  readonly columns: readonly string[]
  readonly grouping: TopicBatch['grouping']
  readonly outputMode: string
  readonly isHeld: boolean
}

export interface PrintedResult {
  /** With an aggregation: the last row of each group, in complete mode of the last table. */
  readonly groups: Groups
  /** Without one: every row. */
  readonly rows: readonly PrintedRow[]
  /** Some cells of its rows were cut. */
  readonly isCut: boolean
}

/** @throws LocalError QUERY_FAILED for a table that does not show what is to be compared */
export async function printedResult(file: string, query: PrintingQuery): Promise<PrintedResult> {
  const { name, columns, grouping, outputMode } = query
  const groups = new Map<string, PrintedRow>()
  const rows: PrintedRow[] = []
  let isOurs = false
  let isCut = false
  const read = tableReader({
    header(found) {
      isOurs = isSame(found, columns)
      if (isOurs && outputMode === 'complete') groups.clear()
    },
    row(row) {
      if (!isOurs) return
      isCut ||= hasCutCell(row)
      if (grouping === null) return void rows.push(row)
      const key = groupKey(row, grouping.columns)
      if (key !== undefined) groups.set(key, row)
    },
    cut() {
      if (isOurs) throw refusal(name, 'more rows in a batch than its table shows', 'numRows: 100_000')
    },
  })
  await eachLine(createReadStream(file), read)
  if (isCut && grouping !== null) throw refusal(name, 'cells that its table cuts', 'truncate: false')
  return { groups, rows, isCut }
}

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && left.every((name, i) => name === right[i])

function refusal(name: string, what: string, option: string): LocalError {
  const remedy = `consoleSink({ ${option} }), and start --fresh`
  return new LocalError('QUERY_FAILED', `${name} has printed ${what}, so that it cannot be compared. To do: ${remedy}.`)
}

/** @throws LocalError COMMAND_INVALID for two queries whose tables look the same */
export function refuseLookAlikes(queries: readonly PrintingQuery[]): void {
  for (const [i, query] of queries.entries()) {
    const twin = queries.slice(0, i).find(({ columns }) => isSame(columns, query.columns))
    if (twin === undefined) continue
    const problem = `${twin.name} and ${query.name} print the same columns, so that their tables cannot be told apart`
    throw new LocalError('COMMAND_INVALID', `${problem}. To do: name a column of one of them otherwise.`)
  }
}
