// The rows that a replay came to in the end, a line of JSON each: what a golden test compares with. Written when the replay has come to
// its end, in the order of the rows' keys, so that git shows what changed.
import { writeFileSync } from 'node:fs'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { outputTables, sortedRows } from '../diff/output-tables.ts'
import type { ReplayedBatch } from '../replay/replayed-batch.ts'
import type { ReplayOutcome, ReplayTarget } from '../replay/target.ts'

export interface RowsFile {
  add(batch: ReplayedBatch, outcome: ReplayOutcome): void
  /** @returns how many rows there are */
  write(): number
}

/** @example const file = rowsFile('bars.golden.ndjson', target); file.add(batch, outcome); file.write() */
export function rowsFile(path: string, target: Pick<ReplayTarget, 'queries'>): RowsFile {
  const outputs = outputTables()
  return {
    add({ functionKey }, outcome) {
      if (outcome.kind === 'failure') return
      outputs.know(target.queries())
      outputs.add(functionKey, outcome.rows, outcome.returned)
    },
    write() {
      const [table, other] = [...outputs.tables().values()]
      const [without] = outputs.unknown()
      if (without !== undefined)
        throw refused(`the rows of ${without} are not seen: its query runs elsewhere, or is not exported`)
      if (other !== undefined) throw refused('these are events of several functions: name one by --function NAME')
      const rows = table === undefined ? [] : sortedRows(table)
      try {
        writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { mode: 0o600 })
      } catch (error) {
        throw new LocalError('RECORDING_FAILED', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
      }
      return rows.length
    },
  }
}

const refused = (why: string): LocalError => new LocalError('COMMAND_INVALID', `--rows: ${why}.`)
