// JSON values -> typed rows. Under the policies `deadLetter` and `drop` a value must be strict JSON (RFC 8259) and every value must
// be of its column's type; from-json.ts has Spark's lenient from_json, for the policies `null` and `fail`.

import { isUtf8 } from 'node:buffer'
import { MicrobatchError, messageOf } from '../error.ts'
import { preview } from '../preview.ts'
import { strictFields } from '../types/text/strict-parts.ts'
import { isWhole as isWholeNumber } from '../types/text/whole-number.ts'
import { type Codec, type Decoded, decoded, type MalformedPolicy, type ManyCodec, malformed, typed } from './codec.ts'
import { compileColumns, type ReadColumn } from './column-reader.ts'
import { fromJson, fromJsonOrFail, type PermissiveRow, permissiveSchema } from './from-json.ts'
import { type Many, manyReader } from './many-json.ts'
import { compilePlainJson } from './plain-json.ts'
import { requireSchema, type Schema } from './schema.ts'

export interface StrictJsonOptions {
  /** @default 'deadLetter' */
  readonly malformed?: Exclude<MalformedPolicy, 'null' | 'fail'>
}

export interface FailingJsonOptions {
  /** Spark's FAILFAST mode: what from_json cannot read fails the batch. A field may be missing, so every column is nullable. */
  readonly malformed: 'fail'
}

export interface PermissiveJsonOptions<CorruptRecordColumn extends string = string> {
  /** Spark's PERMISSIVE mode: a field of the wrong type is null, a malformed record is a row of nulls. */
  readonly malformed: 'null'
  /** Adds a last column of this name: the text of a record that is malformed or has a value of a wrong type, otherwise null. */
  readonly corruptRecordColumn?: CorruptRecordColumn
}

/** For records of several rows. */
export interface ManyOptions {
  /**
   * `array`: the value is a JSON array, each element a row; a single object counts as an array of one. `lines`: each line is a row
   * (NDJSON), blank ones aside. An element that is no row is bad by itself, and the others go on; a value that does not come apart
   * is bad as a whole. More than 100,000 elements are too many: TOO_MANY_ROWS.
   */
  readonly many: Many
}

export type JsonOptions = (StrictJsonOptions | PermissiveJsonOptions | FailingJsonOptions) & Partial<ManyOptions>

/**
 * The codec of a topic of JSON objects. Fields that the schema does not name are ignored, the last of two equal names
 * counts, and a nullable column may be null or missing. Under the policies `null` and `fail`, which read as Spark's from_json,
 * every column of the rows is nullable.
 *
 * @throws MicrobatchError SCHEMA_INVALID where the column for corrupt records is one of the schema's, or cannot be a
 *   column; CONFIG_INVALID where it is asked for under another policy
 * @example stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))
 * @example json(Tick, { malformed: 'null', corruptRecordColumn: '_corrupt_record' })
 * @example json(Trade, { many: 'array' }) // [{"symbol":"AAPL"},{"symbol":"GOOGL"}] is two rows
 */
export function json<Row>(schema: Schema<Row>, options: StrictJsonOptions & ManyOptions): ManyCodec<Row>
export function json<Row>(schema: Schema<Row>, options?: StrictJsonOptions): Codec<Row>
export function json<Row, const CorruptRecordColumn extends string = never>(
  schema: Schema<Row>,
  options: PermissiveJsonOptions<CorruptRecordColumn> & ManyOptions,
): ManyCodec<PermissiveRow<Row, CorruptRecordColumn>>
export function json<Row, const CorruptRecordColumn extends string = never>(
  schema: Schema<Row>,
  options: PermissiveJsonOptions<CorruptRecordColumn>,
): Codec<PermissiveRow<Row, CorruptRecordColumn>>
export function json<Row>(schema: Schema<Row>, options: FailingJsonOptions & ManyOptions): ManyCodec<PermissiveRow<Row>>
export function json<Row>(schema: Schema<Row>, options: FailingJsonOptions): Codec<PermissiveRow<Row>>
export function json(schema: Schema<unknown>, options: JsonOptions = {}): Codec<unknown> | ManyCodec<unknown> {
  requireSchema(schema, 'json')
  const reader = readerOf(schema, options)
  const { many } = options
  if (many === undefined) return typed({ ...reader, decode: ({ value }) => reader.read(value) })
  if (many !== 'array' && many !== 'lines') {
    throw new MicrobatchError('CONFIG_INVALID', `json: many is ${JSON.stringify(many)}; expected array or lines.`)
  }
  const decodeMany = manyReader(many, isLenient(options), reader.read)
  return typed({ ...reader, decodeMany: ({ value }) => decodeMany(value) })
}

/** It reads as from_json does. */
const isLenient = ({ malformed }: JsonOptions): boolean => malformed === 'null' || malformed === 'fail'

interface ValueReader extends Pick<Codec<unknown>, 'schema' | 'malformed'> {
  /** The row of one object. */
  read(value: Buffer | null): Decoded<unknown>
}

function readerOf(schema: Schema<unknown>, options: JsonOptions): ValueReader {
  if (options.malformed === 'null') {
    const { malformed, corruptRecordColumn } = options
    const read = fromJson(schema, corruptRecordColumn)
    return { schema: permissiveSchema(schema, corruptRecordColumn), malformed, read }
  }
  if ('corruptRecordColumn' in options) {
    throw new MicrobatchError(
      'CONFIG_INVALID',
      "json: corruptRecordColumn goes with malformed: 'null' only; other policies let no corrupt record become a row.",
    )
  }
  if (options.malformed === 'fail') {
    const { malformed } = options
    const read = fromJsonOrFail(schema)
    return { schema: permissiveSchema(schema, undefined), malformed, read }
  }
  const columns = compileColumns(schema.columns)
  const plain = compilePlainJson(schema.columns)
  return {
    schema,
    malformed: options.malformed ?? 'deadLetter',
    read(value) {
      const row = value === null || plain === undefined ? undefined : plain(value)
      return row === undefined ? decodeStrict(columns, value) : decoded(row)
    },
  }
}

function decodeStrict(columns: readonly ReadColumn[], value: Buffer | null): Decoded<unknown> {
  if (value === null) return malformed('TOMBSTONE', 'the record has no value')
  if (value.length === 0) return malformed('EMPTY', 'the value is empty')
  if (!isUtf8(value)) return malformed('NOT_UTF8', 'the value is not UTF-8 text')
  const text = value.toString('utf8')
  if (text.charCodeAt(0) === byteOrderMark) {
    return malformed('NOT_JSON', 'the value begins with a byte order mark (EF BB BF), which JSON does not have')
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    return malformed('NOT_JSON', messageOf(error))
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    const got = mayRound.test(text) ? text.trim().slice(0, maxShownLength) : preview(parsed, maxShownLength)
    return malformed('WRONG_SHAPE', `expected a JSON object, got ${got}`)
  }
  const fields = parsed as Record<string, unknown>
  const row: Record<string, unknown> = {}
  const sources = columns.some(({ isWritten }) => isWritten) ? sourcesOf(columns, text) : noSources
  for (const column of columns) {
    const result = column.read(fields, sources)
    if (result === undefined) {
      const given = fields[column.name]
      const got = Object.hasOwn(fields, column.name) ? shown(given, column.name, text) : 'nothing'
      return malformed(
        'WRONG_SHAPE',
        `column ${column.name}: expected ${column.wanted}, got ${got}${column.hint(given)}`,
      )
    }
    row[column.name] = result
  }
  const rounded = mayRound.test(text) ? roundedColumn(columns, text) : undefined
  if (rounded !== undefined) return malformed('WRONG_SHAPE', rounded)
  return decoded(row)
}

/** The texts of the columns that are read from them; the last of two equal names counts. */
function sourcesOf(columns: readonly ReadColumn[], text: string): ReadonlyMap<string, string> {
  const written = new Set(columns.flatMap(({ name, isWritten }) => (isWritten ? [name] : [])))
  const sources = new Map<string, string>()
  strictFields(text, (name, source) => {
    if (written.has(name)) sources.set(name, source)
  })
  return sources
}

const noSources: ReadonlyMap<string, string> = new Map()

const byteOrderMark = 0xfeff

const maxShownLength = 80

/** The value of a field for a message: as it is written, where JSON.parse may have rounded a number in it. */
function shown(value: unknown, name: string, text: string): string {
  if (!mayRound.test(text)) return preview(value, maxShownLength)
  let source = ''
  // The last of two equal names counts.
  strictFields(text, (field, written) => {
    if (field === name) source = written
  })
  return source.slice(0, maxShownLength)
}

/**
 * What a text has in it where JSON.parse may have rounded a number to an integer: sixteen digits, the fewest that a double
 * rounds, with or without a point among them; or an exponent far enough below zero to lose all digits.
 */
const mayRound = /\d[\d.]{15}|[eE]-\d{3}/

/** An integer column must have been written as the integer that it became: the text decides, digit by digit. */
function roundedColumn(columns: readonly ReadColumn[], text: string): string | undefined {
  const whole = new Map(columns.filter(({ isWhole }) => isWhole).map((column) => [column.name, column]))
  // The last of two equal names counts.
  const problems = new Map<string, string>()
  strictFields(text, (name, source) => {
    const column = whole.get(name)
    if (column === undefined) return
    if (isWholeNumber(source)) problems.delete(name)
    else problems.set(name, `column ${name}: expected ${column.wanted}, got ${source.slice(0, maxShownLength)}`)
  })
  return problems.values().next().value
}
