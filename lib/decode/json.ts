// JSON values -> typed rows. Under the policies `deadLetter`, `drop` and `fail` a value must be strict JSON (RFC 8259)
// and every column must hold its type; Spark's lenient from_json stands in from-json.ts and serves the policy `null`.

import { isUtf8 } from 'node:buffer'
import { type Codec, type Decoded, type MalformedPolicy, malformed } from './codec.ts'
import { compileColumns, type ReadColumn } from './column-reader.ts'
import type { Schema } from './schema.ts'

export interface JsonOptions<Policy extends MalformedPolicy = MalformedPolicy> {
  /** @default 'deadLetter' */
  readonly malformed?: Policy
}

/**
 * The codec of a topic of JSON objects. Fields that the schema does not name are ignored, the last of two equal names
 * counts, and a nullable column may be null or missing.
 *
 * @example stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))
 */
export function json<Row>(schema: Schema<Row>, options: JsonOptions = {}): Codec<Row> {
  const columns = compileColumns(schema.columns)
  return {
    schema,
    malformed: options.malformed ?? 'deadLetter',
    decode: (value) => decodeStrict<Row>(columns, value),
  }
}

function decodeStrict<Row>(columns: readonly ReadColumn[], value: Buffer | null): Decoded<Row> {
  if (value === null) return malformed('TOMBSTONE', 'the record has no value')
  if (value.length === 0) return malformed('EMPTY', 'the value is empty')
  if (!isUtf8(value)) return malformed('NOT_UTF8', 'the value is not UTF-8 text')
  let parsed: unknown
  try {
    parsed = JSON.parse(value.toString('utf8'))
  } catch (error) {
    return malformed('NOT_JSON', error instanceof Error ? error.message : String(error))
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return malformed('WRONG_SHAPE', `expected a JSON object, got ${describe(parsed)}`)
  }
  const fields = parsed as Record<string, unknown>
  const row: Record<string, unknown> = {}
  for (const column of columns) {
    const result = column.read(fields)
    if (result === undefined) {
      const got = describe(Object.hasOwn(fields, column.name) ? fields[column.name] : undefined)
      return malformed('WRONG_SHAPE', `column ${column.name}: expected ${column.wanted}, got ${got}`)
    }
    row[column.name] = result
  }
  return { kind: 'row', row: row as Row }
}

const describe = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80))
