// JSON values -> rows by the rules of Spark's from_json (catalyst JacksonParser, FailureSafeParser): in PERMISSIVE mode, the policy
// `null`, where there is always a row: a field of the wrong type is null, a malformed text is a row of nulls; and in FAILFAST
// mode, the policy `fail`, where both fail.
//
// Spark does these otherwise. It takes integers of 64 bits for a long: here one that is not exact in a double is of a wrong type,
// never rounded (`bigint()` takes them). After a syntax error inside a value it sometimes goes on where Jackson stopped: here the
// text is malformed as a whole. It reads base64 loosely: here it is MIME's, strictly padded. docs/from-spark.md has the whole
// list. (JSON.parse as a short cut was measured: a tenth faster on ticks, seven times slower where it fails.)

import { MicrobatchError } from '../error.ts'
import { permissive } from '../types/column.ts'
import { lenientObject, noFaults } from '../types/nested/lenient-object.ts'
import type { Decimal } from '../types/numbers/decimal-value.ts'
import { type Decoded, decoded, malformed } from './codec.ts'
import { type Schema, string, struct } from './schema.ts'

/** The row of a schema under the policies `null` and `fail`: every column may be null, and so may the one for corrupt records. */
export type PermissiveRow<Row, CorruptRecordColumn extends string = never> = {
  readonly [Name in keyof Row | CorruptRecordColumn]: Name extends keyof Row
    ? PermissiveValue<Row[Name]> | null
    : string | null
}

/** The values within a list, a map or an object may be null, too. */
type PermissiveValue<Value> = Value extends Whole
  ? Value
  : Value extends readonly (infer Element)[]
    ? readonly (PermissiveValue<Element> | null)[]
    : Value extends ReadonlyMap<infer Key, infer Element>
      ? ReadonlyMap<Key, PermissiveValue<Element> | null>
      : { readonly [Name in keyof Value]: PermissiveValue<Value[Name]> | null }

type Whole = string | number | bigint | boolean | null | undefined | Uint8Array | Decimal

/**
 * The schema of the rows: every column nullable, and the one for corrupt records last.
 * @throws MicrobatchError SCHEMA_INVALID where that column is one of the schema's, or its name cannot be a column's
 */
export function permissiveSchema(schema: Schema<unknown>, corruptRecordColumn: string | undefined): Schema<unknown> {
  const columns = Object.fromEntries(Array.from(schema.columns, ([name, column]) => [name, permissive(column)]))
  if (corruptRecordColumn === undefined) return struct(columns)
  if (schema.columns.has(corruptRecordColumn)) {
    const problem = `corruptRecordColumn: ${JSON.stringify(corruptRecordColumn)} is a column of the schema already.`
    throw new MicrobatchError('SCHEMA_INVALID', `${problem} Give it a name of its own.`)
  }
  return struct({ ...columns, [corruptRecordColumn]: string().nullable() })
}

/**
 * Prepares the decoding of a schema's rows in PERMISSIVE mode, once. The function it returns never throws and never refuses a
 * record.
 *
 * @param corruptRecordColumn a further column: the text of a record that is malformed or has a value of a wrong type, or null
 * @example fromJson(Tick)(Buffer.from('{"symbol":"AAPL","price":"x"}')) // symbol AAPL, all else null
 */
export function fromJson<Row>(
  schema: Schema<unknown>,
  corruptRecordColumn?: string,
): (value: Buffer | null) => Decoded<Row> {
  const read = lenientObject(schema.columns)
  return (value) => {
    const text = value === null ? '' : decodeUtf8(value)
    const faults = noFaults()
    const { kind, fields } = read(text, faults)
    if (corruptRecordColumn !== undefined) {
      const isCorrupt = kind === 'malformed' || (kind === 'object' && faults.isCorrupt)
      fields[corruptRecordColumn] = isCorrupt ? text : null
    }
    return decoded(fields as Row)
  }
}

/**
 * The same in FAILFAST mode: a malformed text, or a field of a wrong type, is no row. It is as lenient as Spark's: an object may
 * lack a column, which is null then, text may come after it, and no value at all is a row of nulls.
 */
export function fromJsonOrFail<Row>(schema: Schema<unknown>): (value: Buffer | null) => Decoded<Row> {
  const read = lenientObject(schema.columns)
  return (value) => {
    const text = value === null ? '' : decodeUtf8(value)
    const faults = noFaults()
    const { kind, fields } = read(text, faults)
    if (kind === 'malformed') {
      return malformed('NOT_JSON', `no JSON object that from_json reads: ${text.slice(0, maxShownLength)}`)
    }
    if (faults.first === null) return decoded(fields as Row)
    const { name, wanted, source } = faults.first
    return malformed('WRONG_SHAPE', `column ${name}: expected ${wanted}, got ${source.slice(0, maxShownLength)}`)
  }
}

const maxShownLength = 80

/** Java reads half a surrogate pair, written in UTF-8, as one bad character; Node's decoder sees two or three. */
function decodeUtf8(value: Buffer): string {
  const text = value.toString('utf8')
  if (!text.includes('\ufffd')) return text
  return Buffer.from(value.toString('latin1').replace(/\xed[\xa0-\xbf][\x80-\xbf]?/g, '\xff'), 'latin1').toString(
    'utf8',
  )
}
