// The rows of a batch as messages of a topic, and the messages in requests that a broker takes. Pure.

import { MicrobatchError } from '../../error.ts'
import type { OversizedRows } from '../oversized.ts'
import { rowJson } from '../rows/row-json.ts'
import type { EmittedRow, SinkBatch } from '../sink.ts'
import { versionOf } from '../version-of.ts'

/** The key of a message: the id of the row, a column of it, or what a function gives. Null: none, and any partition. */
export type MessageKey<Row> = 'id' | { readonly column: string } | ((row: Row, emitted: EmittedRow<Row>) => Key)

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

export function messagesOf<Row>(
  batch: SinkBatch<Row>,
  { key, encode, extra, maxBytes, oversized }: MessageOptions<Row>,
): readonly Message[] {
  const keyOf = keyReader(batch, key)
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
  readonly key: MessageKey<Row>
  readonly encode: (row: object) => Buffer
  readonly extra: ((row: Row) => Readonly<Record<string, string | Buffer>>) | undefined
  readonly maxBytes: number
  readonly oversized: OversizedRows
}

/** What a reader drops repeats by: the id, and of a row that may come again with other values the version, or its table's number. */
function headersOf<Row>(batch: SinkBatch<Row>, emitted: EmittedRow<Row>): Readonly<Record<string, string>> {
  const version = versionOf(batch, emitted)
  return version === undefined ? { id: emitted.id } : { id: emitted.id, version: String(version) }
}

function keyReader<Row>({ query, columns }: SinkBatch<Row>, key: MessageKey<Row>): (emitted: EmittedRow<Row>) => Key {
  if (key === 'id') return ({ id }) => id
  if (typeof key === 'function') return (emitted) => key(emitted.row, emitted)
  const { column: name } = key
  const column = columns.get(name)
  if (column === undefined) {
    const problem = `${query}: the key is to be the column ${name}, and the rows have ${[...columns.keys()].join(', ')}.`
    throw new MicrobatchError('SINK_FAILED', `${problem} Name a column that they have.`)
  }
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
