// Columns that a row takes from its record rather than from its value: the key, the offset, a header, by name.

import { binary, type Column, int, long, string, timestamp } from '../../../decode/schema.ts'
import { refuse } from '../../../error.ts'
import type { KafkaRow } from '../../../event/kafka-row.ts'
import { Refusal } from '../../held/refusal.ts'

/** The columns of a record that are values. Headers have names of their own: `header('trace')`. */
export type KafkaColumnName = 'key' | 'topic' | 'partition' | 'offset' | 'timestamp' | 'timestampType'

/** A column that `withKafkaColumns` adds. `Value` exists in the types only. */
export interface KafkaColumn<Name extends string, Value> {
  readonly name: Name
  readonly column: Column<Value>
  /** The value, or why there is none. */
  read(record: KafkaRow): unknown
  /** The same under another name. @example header('x-trace-id').as('trace') */
  as<Other extends string>(name: Other): KafkaColumn<Other, Value>
}

/** The columns as `withKafkaColumns` takes them: a name stands for the column as Spark has it. */
export type GivenColumn = KafkaColumnName | KafkaColumn<string, unknown>

export type AddedColumns<Given extends readonly GivenColumn[]> = {
  readonly [One in Given[number] as One extends KafkaColumn<infer Name, unknown>
    ? Name
    : One & string]: One extends KafkaColumn<string, infer Value>
    ? Value
    : One extends KafkaColumnName
      ? KafkaRow[One]
      : never
}

const columnTypes = {
  key: binary().nullable(),
  topic: string(),
  partition: int(),
  offset: long(),
  timestamp: timestamp(),
  timestampType: int(),
} as const satisfies Readonly<Record<KafkaColumnName, Column<unknown>>>

/**
 * A column of the record, to be given another name, or the key as text.
 * @param type `string()` for a key that is text; a key that is not makes a dead letter of the record (NOT_UTF8)
 * @example kafka.withKafkaColumns(kafkaColumn('timestamp').as('writtenAt'), kafkaColumn('key', string()))
 */
export function kafkaColumn(name: 'key', type: Column<string>): KafkaColumn<'key', string | null>
export function kafkaColumn<Name extends KafkaColumnName>(name: Name): KafkaColumn<Name, KafkaRow[Name]>
export function kafkaColumn(name: KafkaColumnName, type?: Column<string>): KafkaColumn<string, unknown> {
  const own = columnTypes[name]
  if (own === undefined) {
    refuse(
      `kafkaColumn: a record has no column \`${name}\`. It has ${Object.keys(columnTypes).join(', ')}; headers: header('…').`,
    )
  }
  if (type === undefined) return columnOf<string, unknown>(name, own, (record) => record[name])
  requireBytes('kafkaColumn', type)
  const text = textReader('the key')
  return columnOf(name, type.nullable(), ({ key }) => text(key))
}

/**
 * The value of a header, null where the record has none of this name; of several, the last, as Kafka's `lastHeader` gives it.
 * Its type is `string()`, or `binary()` for its bytes. Text that is no UTF-8 makes a dead letter of the record (NOT_UTF8).
 * @example kafka.withKafkaColumns(header('trace'), header('signature', binary()))
 */
export function header<Name extends string>(name: Name): KafkaColumn<Name, string | null>
export function header<Name extends string, Value extends string | Buffer>(
  name: Name,
  type: Column<Value>,
): KafkaColumn<Name, Value | null>
export function header(name: string, type: Column<unknown> = string()): KafkaColumn<string, unknown> {
  requireBytes('header', type)
  const text = textReader(`the header ${JSON.stringify(name)}`)
  const last = ({ headers }: KafkaRow): Buffer | null => headers.findLast(({ key }) => key === name)?.value ?? null
  return columnOf(name, type.nullable(), type.kind === 'string' ? (record) => text(last(record)) : last)
}

/** The column that a name stands for. */
export const givenColumn = (given: GivenColumn): KafkaColumn<string, unknown> =>
  typeof given === 'string' ? kafkaColumn(given) : given

const columnOf = <Name extends string, Value>(
  name: Name,
  column: Column<Value>,
  read: (record: KafkaRow) => unknown,
): KafkaColumn<Name, Value> => ({ name, column, read, as: (other) => columnOf(other, column, read) })

function requireBytes(what: string, { kind }: Column<unknown>): void {
  if (kind === 'string' || kind === 'binary') return
  refuse(`${what}: its bytes are text or bytes, and not of type ${kind}. Give it string() or binary().`)
}

/** Bytes as text, but not any bytes. */
function textReader(what: string): (bytes: Buffer | null) => string | null | Refusal {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  return (bytes) => {
    if (bytes === null) return null
    try {
      return decoder.decode(bytes)
    } catch {
      return new Refusal('NOT_UTF8', `${what} is not UTF-8 text`)
    }
  }
}
