// Which message of its file a Protobuf value is. Confluent's serializers write the way to it, from the outermost message in, as
// zig-zag numbers before the value, Glue's one number of all messages in order of their names. Lambda leaves both where they are
// when it takes the header away, so they are read here for events, too.

import type { Framing } from './schema-registry.ts'

export interface MessagePlace {
  /** Confluent's: the indexes from the file inwards. Glue's: one number. */
  readonly indexes: readonly number[]
  /** Where the message begins. */
  readonly start: number
}

const first: readonly number[] = [0]

/** Deeper than any file nests its messages; more is not a place but other bytes. */
const maxDepth = 100

/**
 * @returns undefined where the bytes are no such place
 * @example readPlace('confluent', Buffer.from([0, 10, 1, 65]), 0) // { indexes: [0], start: 1 }: [0] is written as one byte
 */
export function readPlace(framing: Framing, bytes: Buffer, from: number): MessagePlace | undefined {
  if (framing === 'confluent' && bytes[from] === 0) return { indexes: first, start: from + 1 }
  const head = readVarint(bytes, from)
  if (head === undefined) return undefined
  if (framing === 'glue') return { indexes: [head.value], start: head.end }
  const count = unZigZag(head.value)
  if (count < 1 || count > maxDepth) return undefined
  const indexes: number[] = []
  let start = head.end
  for (let i = 0; i < count; i += 1) {
    const next = readVarint(bytes, start)
    if (next === undefined) return undefined
    const index = unZigZag(next.value)
    if (index < 0) return undefined
    indexes.push(index)
    start = next.end
  }
  return { indexes, start }
}

const unZigZag = (value: number): number => (value >>> 1) ^ -(value & 1)

/** An unsigned number of at most 32 bits, seven bits a byte. */
function readVarint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let i = 0; i < 5; i += 1) {
    const byte = bytes[start + i]
    if (byte === undefined) return undefined
    value |= (byte & 0x7f) << (7 * i)
    if (byte < 0x80) return { value: value >>> 0, end: start + i + 1 }
  }
  return undefined
}
