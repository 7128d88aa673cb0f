// A static side whose rows are in a file that is deployed beside the handler, or lies on the laptop.

import { readFile } from 'node:fs/promises'
import { json } from '../../decode/json.ts'
import type { Schema } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { Lookup } from './lookup.ts'
import { WholeAnswers } from './whole-answers.ts'

/**
 * A static side of the rows of a file, NDJSON or a JSON array, read by the schema as `json` reads records. It is read once in a
 * container, at the first batch. A file that cannot be read, or has a bad row, fails the batch (PREPARE_FAILED).
 *
 * @param path of the file; a URL for one beside the module: `new URL('companies.ndjson', import.meta.url)`
 * @example ticks.join(fileRows(Company, 'companies.ndjson'), { on: ['symbol'], type: 'left' })
 */
export function fileRows<Row extends object>(schema: Schema<Row>, path: string | URL): Lookup<Row> {
  const read = async (): Promise<readonly PlanRow[]> => {
    const text = await readFile(path)
    const isArray = text.toString('utf8', 0, maxBlanks).trimStart().startsWith('[')
    const codec = json(schema, { many: isArray ? 'array' : 'lines' })
    const answer = codec.decodeMany({ value: text } as unknown as KafkaRow)
    if (answer.kind === 'malformed') return refuse(`${path}: ${answer.reason} (${answer.detail}).`)
    return answer.elements.map((element, i) => {
      if (element.kind === 'row') return element.row as PlanRow
      return refuse(`${path}: row ${i} is bad (${element.reason}: ${element.detail}).`)
    })
  }
  return { columns: schema.columns, key: null, answers: new WholeAnswers(schema.columns, read) }
}

/** So far a file may begin with blanks. */
const maxBlanks = 1_000
