// JSON values -> rows by the rules of Spark's from_json in PERMISSIVE mode (catalyst JacksonParser, FailureSafeParser):
// the policy `null`. There is always a row: a field of the wrong type is null, a malformed text is a row of nulls.
//
// Spark 3.5.0 does three things otherwise. It takes integers of 64 bits: here one that is not exact in a double is
// of a wrong type, never rounded. After a syntax error inside a value it sometimes goes on where Jackson stopped: here
// the text is malformed as a whole. It reads base64 loosely: here it is MIME's, strictly padded. (JSON.parse as a short
// cut was measured: a tenth faster on ticks, seven times slower where it fails. One reader is enough.)

import { MicrobatchError } from '../error.ts'
import { readObject } from '../types/text/lenient-json.ts'
import { type Decoded, decoded } from './codec.ts'
import { type Schema, string, struct } from './schema.ts'

/** The row of a schema under the policy `null`: every column may be null, and so may the one for corrupt records. */
export type PermissiveRow<Row, CorruptRecordColumn extends string = never> = {
  readonly [Name in keyof Row | CorruptRecordColumn]: Name extends keyof Row ? Row[Name] | null : string | null
}

/**
 * The schema of the rows: every column nullable, and the one for corrupt records last.
 * @throws MicrobatchError SCHEMA_INVALID where that column is one of the schema's, or its name cannot be a column's
 */
export function permissiveSchema(schema: Schema<unknown>, corruptRecordColumn: string | undefined): Schema<unknown> {
  const columns = Object.fromEntries(Array.from(schema.columns, ([name, column]) => [name, column.nullable()]))
  if (corruptRecordColumn === undefined) return struct(columns)
  if (schema.columns.has(corruptRecordColumn)) {
    const problem = `corruptRecordColumn: ${JSON.stringify(corruptRecordColumn)} is a column of the schema already.`
    throw new MicrobatchError('SCHEMA_INVALID', `${problem} Give it a name of its own.`)
  }
  return struct({ ...columns, [corruptRecordColumn]: string().nullable() })
}

/**
 * Prepares the decoding of a schema's rows, once. The function it returns never throws and never refuses a record.
 *
 * @param corruptRecordColumn a further column: the text of a record that is malformed or has a value of a wrong type, or null
 * @example fromJson(Tick)(Buffer.from('{"symbol":"AAPL","price":"x"}')) // symbol AAPL, all else null
 */
export function fromJson<Row>(
  schema: Schema<unknown>,
  corruptRecordColumn?: string,
): (value: Buffer | null) => Decoded<Row> {
  const columns = new Map(Array.from(schema.columns, ([name, { type }]) => [name, type.json]))
  const nulls: Record<string, unknown> = Object.fromEntries(Array.from(schema.columns.keys(), (name) => [name, null]))
  if (corruptRecordColumn !== undefined) nulls[corruptRecordColumn] = null

  const read = (text: string): Record<string, unknown> => {
    const row = { ...nulls }
    let isCorrupt = false
    const found = readObject(text, (name, source) => {
      const form = columns.get(name)
      if (form === undefined) return
      const value = source === 'null' ? null : form.readLenient(source)
      // The last of equal names counts, but a wrong type does not replace an earlier value.
      if (value === undefined) isCorrupt = true
      else row[name] = value
    })
    if (found === 'object' && !isCorrupt) return row
    const kept = found === 'object' ? row : { ...nulls }
    if (corruptRecordColumn !== undefined && found !== 'blank') kept[corruptRecordColumn] = text
    return kept
  }

  return (value) => decoded((value === null ? { ...nulls } : read(decodeUtf8(value))) as Row)
}

/** Java reads half a surrogate pair, written in UTF-8, as one bad character; Node's decoder sees two or three. */
function decodeUtf8(value: Buffer): string {
  const text = value.toString('utf8')
  if (!text.includes('\ufffd')) return text
  return Buffer.from(value.toString('latin1').replace(/\xed[\xa0-\xbf][\x80-\xbf]?/g, '\xff'), 'latin1').toString(
    'utf8',
  )
}
