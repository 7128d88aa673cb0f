// The rows of a batch as messages of a topic, and the messages in requests that a broker takes. Pure.

import type { Column } from '../../decode/schema.ts'
import { MicrobatchError } from '../../error.ts'
import type { OversizedRows } from '../oversized.ts'
import type { RowEncoder } from '../rows/row-encoder.ts'
import { rowJson } from '../rows/row-json.ts'
import type { EmittedRow, SinkBatch } from '../sink.ts'
import { versionOf } from '../version-of.ts'

/**
 * The key of a message: the id of the row; the text of a column; some columns as `avroValue` or another encoder writes them; or what a
 * function gives. Null: none, and any partition.
 */
export type MessageKey<Row> =
  | 'id'
  | { readonly column: string }
  | { readonly columns: readonly string[]; readonly encoder: RowEncoder }
  | ((row: Row, emitted: EmittedRow<Row>) => Key)

type Key = string | Buffer | null

export interface Message {
  /** The row that it is of. */
  readonly emitted: EmittedRow<object>
  readonly key: Key
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string | Buffer>>
}

/** A record in a batch of Kafka's has lengths, deltas and an attribute beside its parts: this much at the most. */
const recordBytes = 64

export async function messagesOf<Row>(
  batch: SinkBatch<Row>,
  { topic, key, value, extra, maxBytes, oversized }: MessageOptions<Row>,
): Promise<readonly Message[]> {
  const encode = await value.encoder(batch.columns, { topic, part: 'value' })
  const keyOf = await keyReader(batch, key, topic)
  const messages: Message[] = []
  for (const emitted of batch.rows) {
    const message = {
      emitted: emitted as EmittedRow<object>,
      key: keyOf(emitted),
      value: encode(emitted.row as object),
      headers: { ...extra?.(emitted.row), ...headersOf(batch, emitted) },
    }
    const bytes = messageBytes(message)
    if (bytes > maxBytes) oversized.add(emitted as EmittedRow<object>, bytes, maxBytes)
    else messages.push(message)
  }
  return messages
}

export interface MessageOptions<Row> {
  readonly topic: string
  readonly key: MessageKey<Row>
  readonly value: RowEncoder
  readonly extra: ((row: Row) => Readonly<Record<string, string | Buffer>>) | undefined
  readonly maxBytes: number
  readonly oversized: OversizedRows
}

/** What a reader drops repeats by: the id, and of a row that may come again with other values the version, or its table's number. */
function headersOf<Row>(batch: SinkBatch<Row>, emitted: EmittedRow<Row>): Readonly<Record<string, string>> {
  const version = versionOf(batch, emitted)
  return version === undefined ? { id: emitted.id } : { id: emitted.id, version: String(version) }
}

async function keyReader<Row>(
  { query, columns }: SinkBatch<Row>,
  key: MessageKey<Row>,
  topic: string,
): Promise<(emitted: EmittedRow<Row>) => Key> {
  if (key === 'id') return ({ id }) => id
  if (typeof key === 'function') return (emitted) => key(emitted.row, emitted)
  const named = (name: string): Column<unknown> => {
    const column = columns.get(name)
    if (column !== undefined) return column
    const problem = `${query}: the key is to be the column ${name}, and the rows have ${[...columns.keys()].join(', ')}.`
    throw new MicrobatchError('SINK_FAILED', `${problem} Name a column that they have.`)
  }
  if ('encoder' in key) {
    const own = new Map(key.columns.map((name) => [name, named(name)]))
    const encode = await key.encoder.encoder(own, { topic, part: 'key' })
    return ({ row }) => encode(row as object)
  }
  const { column: name } = key
  const column = named(name)
  const text = rowJson(new Map([[name, column]]))
  const start = JSON.stringify(name).length + 2
  return ({ row }) => {
    const value: unknown = Reflect.get(row as object, name)
    if (value === null || value === undefined) return null
    if (typeof value === 'string') return value
    // The value's own text, without the object around it.
    return value instanceof Uint8Array ? Buffer.from(value) : text(row as object).slice(start, -1)
  }
}

export function messageBytes({ key, value, headers }: Omit<Message, 'emitted'>): number {
  const parts = Object.entries(headers).map(([name, part]) => Buffer.byteLength(name) + Buffer.byteLength(part) + 10)
  return (
    recordBytes +
    value.length +
    (key === null ? 0 : Buffer.byteLength(key)) +
    parts.reduce((sum, part) => sum + part, 0)
  )
}

/** In their order, so many bytes together at the most, whatever partitions they are for. */
export function requests(messages: readonly Message[], maxBytes: number): readonly (readonly Message[])[] {
  const all: Message[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const message of messages) {
    const size = messageBytes(message)
    const last = all.at(-1)
    if (last === undefined || bytes + size > maxBytes) {
      all.push([message])
      bytes = size
    } else {
      last.push(message)
      bytes += size
    }
  }
  return all
}
